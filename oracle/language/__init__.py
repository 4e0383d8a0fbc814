"""What operators publish, read into plain values: the product document, playbooks, and the set that they make.

Every fault raises `NotASet`; the first one found is enough, since nobody is here to mend it.
"""
