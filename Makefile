# A short way to say what dev.py does; dev.py works where make is missing.
.PHONY: help lab test

help:
	@python3 dev.py

lab:
	@python3 dev.py lab $(ARGS)

test:
	@python3 dev.py test $(ARGS)
