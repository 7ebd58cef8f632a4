"""The stormbus runtime: it runs Python handlers as AWS Lambda does.

Standard library only; one source for Python 3.8 and newer. What it imports at
start is kept small, because every import is part of every cold start.
"""
