"""Running programs, asked over HTTP what they really do.

Only addresses that the user configured are asked: none is discovered, and a token goes nowhere else. No
redirect is followed, a request takes 5 seconds and an answer 4 MiB at most. What comes back is told as an
observation, or why there is none; nothing here ends an audit.
"""
