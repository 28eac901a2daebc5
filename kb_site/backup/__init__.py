"""One file that holds the whole install, and the way back from it.

``archive`` is the file, ``databases`` copies and reads databases, ``making`` writes, ``checking`` proves,
``restoring`` brings back beside what is in use, ``staging`` finishes the restored copy in a process of its own,
``switching`` puts it into use at once, ``locking`` keeps server and restore apart.
"""
