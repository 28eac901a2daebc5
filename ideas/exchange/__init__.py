"""Codes and coded passages as other programs know them.

``records`` what a file says · ``xml`` reading and writing XML safely · ``qdc``, ``qdpx``, ``table`` the forms that go
both ways · ``annotations``, ``evidence`` those that only go out · ``gathering`` what may leave, through the gate ·
``leaving`` writes a file and notes it · ``placing`` finds a file's passages in our stories · ``planning`` says what an
import would do · ``applying`` does it · ``pages`` the page of it all.
"""
