def play(session, tally): pass
