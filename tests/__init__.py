"""The tests of the whole product; each directory mirrors an app."""
