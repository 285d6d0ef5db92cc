"""Looks after what the other jobs stand on: are the servers there, and are they what they were?"""
