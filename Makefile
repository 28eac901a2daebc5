# `make run` starts the demonstration, `make test` proves the whole; the scripts say what each step is for.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run test check lint lock messages clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\): .*## /\1	/p' Makefile | expand -t 10

run: ## install, build the demo once, serve it (KB_DATA_DIR, HOST=127.0.0.1, PORT=8000)
	@exec scripts/run

test: ## the whole suite: SQLite with a browser, then PostgreSQL
	@exec scripts/test

check: ## the quick lane: lint, types, tests without a browser
	@exec scripts/check

lint: ## ruff and mypy
	@exec scripts/lint

lock: ## remake requirements/*.txt from pyproject.toml (needs uv)
	@exec scripts/lock

messages: ## bring locale/ru up to what code and templates say (needs gettext)
	@exec scripts/messages

clean: ## remove the environment, caches and test logs; data stay
	rm -rf .venv .test-logs .mypy_cache .ruff_cache .pytest_cache .hypothesis node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
