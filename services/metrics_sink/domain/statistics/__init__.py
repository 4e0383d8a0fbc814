"""What the counted numbers allow to say, and when nothing can be said yet. Pure, and a formula a file.

What is counted goes in exact. Bounds come out as floats: they are estimates, made of logarithms and square roots.
"""
