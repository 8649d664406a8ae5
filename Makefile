# SPDX-License-Identifier: Apache-2.0
# `make` alone prints the targets. Every target sets up what it needs, so any order works on a fresh machine.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The system's own interpreter: the lock file is resolved for it, and shims of version managers come and go.
PYTHON := /usr/bin/python3
VENV := .venv
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg
export ANSIBLE_HOME := $(CURDIR)/build/ansible
# Which of the labs on this machine (0..255): 0 is the demo's, 1 the live tests', 2 molecule's, 8 the one with Xen, 9 `make mass`.
export LAB_INDEX ?= 0
TEST_LAB_INDEX := 1
MOLECULE_LAB_INDEX := 2
XEN_LAB_INDEX := 8
MASS_LAB_INDEX := 9

ALLOCATION ?= examples/felipeiprouter/allocation.xml
PLAYBOOK = ansible-playbook $(PLAYBOOK_FLAGS)
PLAYBOOK_FLAGS ?=
PYTEST := pytest
JOBS := $(shell nproc)

stage = @printf '\n==> %s\n' '$(1)'

.PHONY: help
help:
	@echo 'Flowstream: from an allocation description to packets that flow.'
	@awk -F ':.*## ' '/^##@ / {printf "\n%s\n", substr($$0, 5)} \
	    /^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@printf '\nVariables of targets that run a lab:\n'
	@printf '  %-21s %s\n' \
	    'LAB_INDEX=$(LAB_INDEX)' 'which lab, 0..255; several live side by side on one machine' \
	    'ALLOCATION=x.xml' 'what to deploy, verify or remove, a file or a folder; $(ALLOCATION)' \
	    'PLAYBOOK_FLAGS=...' 'flags for ansible-playbook, such as --diff or another --inventory'

##@ Setting up

.PHONY: setup packages venv clickos
setup: packages venv clickos  ## install what is missing (apt, venv from the lock), build the engine

packages:
	@./packages.sh

venv: $(VENV)/locked

$(VENV)/locked: requirements.txt | packages
	$(call stage,venv)
	$(PYTHON) -m venv --clear $(VENV)
	$(VENV)/bin/python -m pip install -qq --disable-pip-version-check --require-hashes --requirement requirements.txt
	touch $@

clickos: | packages  ## build the Click engine: clickos/build/click
	$(call stage,engine)
	$(MAKE) --jobs=$(JOBS) -C clickos

.PHONY: lock
lock: | venv  ## resolve requirements.in into requirements.txt, versions and hashes
	CUSTOM_COMPILE_COMMAND='make lock' pip-compile --quiet --upgrade --generate-hashes --allow-unsafe --strip-extras \
	    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --output-file requirements.txt requirements.in
	sed -i '1i # SPDX-License-Identifier: Apache-2.0' requirements.txt

##@ The router, in the lab

.PHONY: root
root:
	@[[ $$EUID -eq 0 ]] || { echo 'cannot run the lab: not root; it makes network namespaces and bridges' >&2; exit 1; }

.PHONY: demo lab deploy verify status remove clean-lab
demo: setup | root  ## everything: lab up, deploy the example, send traffic, show the result
	$(MAKE) deploy
	$(MAKE) verify

lab: setup | root  ## bring the lab up: a switch and two module hosts
	$(call stage,lab)
	$(PLAYBOOK) playbooks/lab-up.yml

deploy: lab  ## deploy ALLOCATION on the lab
	$(call stage,deploy)
	$(PLAYBOOK) playbooks/deploy.yml -e allocation=$(ALLOCATION)

verify: setup | root  ## send traffic through what is deployed and count it
	$(call stage,verify)
	$(PLAYBOOK) playbooks/verify.yml -e allocation=$(ALLOCATION)
	@printf '\n' && cat "$$(ls --sort=time build/*/verification.txt | head -n 1)"

status: venv | root  ## show what runs where, with its counters
	$(PLAYBOOK) playbooks/status.yml

remove: venv | root  ## take ALLOCATION off the lab
	$(PLAYBOOK) playbooks/remove.yml -e allocation=$(ALLOCATION)

# Role lab writes into each lab's folder from which tree it was made.
LABS ?= /run/flowstream
own_labs = $(shell grep --no-messages --files-with-matches --line-regexp --fixed-strings '$(CURDIR)' $(LABS)/lab*/tree \
    | sed 's|.*/lab\([0-9]*\)/tree$$|\1|' | sort -n)

clean-lab: venv | root  ## take down every lab that this tree made; those of others stay
	for index in $(own_labs); do LAB_INDEX=$$index $(PLAYBOOK) playbooks/lab-down.yml; done

##@ Xen, in QEMU

XEN_LAB = /run/flowstream/lab$(XEN_LAB_INDEX)
XEN_SSH = -F none -i $(XEN_LAB)/id_ed25519 -o UserKnownHostsFile=$(XEN_LAB)/known_hosts -o StrictHostKeyChecking=yes

.PHONY: demo-xen xen-bench-up xen-bench-down xen-run test-xen-smoke test-xen-guests test-xen-pvh test-xen-others test-xen-hosts
demo-xen:  ## the demo with ClickOS domains on two Xen hosts; deploy, verify, ... take the variables that it prints
	$(MAKE) demo LAB_INDEX=$(XEN_LAB_INDEX) PLAYBOOK_FLAGS='--inventory inventory/xen-lab'

xen-bench-up: setup | root  ## bring a lab with two Xen hosts up
	$(call stage,Xen bench)
	LAB_INDEX=$(XEN_LAB_INDEX) $(PLAYBOOK) --inventory inventory/xen-lab playbooks/lab-up.yml

xen-bench-down: venv | root  ## take it down; the image stays in the cache
	LAB_INDEX=$(XEN_LAB_INDEX) $(PLAYBOOK) --inventory inventory/xen-lab playbooks/lab-down.yml

CONFIG ?= clickos/platform/xen/slides.click
KIND ?= pvh

xen-run: xen-bench-up  ## boot one ClickOS guest with CONFIG=x.click (KIND=pvh or pv) and show its console
	$(MAKE) --jobs=$(JOBS) -C clickos xen
	SSH_OPTIONS='$(XEN_SSH)' clickos/xen-run.sh root@198.18.$(XEN_LAB_INDEX).11 $(CONFIG) $(KIND)

GUEST_TESTS := $(addprefix tests/live/test_xen_,guest.py figures.py domain.py mass.py)

# One host: two would keep both processors of this machine busy. The scenarios of Xen's roles have the lab that is there.
test-xen-smoke: export XEN_HOSTS := mh1
test-xen-smoke: setup | root  ## its part in `make test`: ClickOS as PV on one Xen host, module xen_domain, roles of Xen hosts
	$(call stage,a Xen host)
	$(MAKE) --jobs=$(JOBS) -C clickos xen empty-guest
	LAB_INDEX=$(XEN_LAB_INDEX) $(PLAYBOOK) --inventory inventory/xen-lab playbooks/lab-up.yml
	LAB_INDEX=$(XEN_LAB_INDEX) $(PYTEST) -m 'xen and not long' $(GUEST_TESTS)
	for scenario in $(XEN_SCENARIOS); do \
	    LAB_INDEX=$(XEN_LAB_INDEX) $(MOLECULE) test --destroy never --scenario-name $$scenario; \
	done
	LAB_INDEX=$(XEN_LAB_INDEX) $(PLAYBOOK) --inventory inventory/xen-lab playbooks/lab-down.yml

test-xen-guests: setup | root  ## a part of test-long: ClickOS as PVH and PV, module xen_domain, fifty domains
	$(call stage,guests on Xen)
	$(MAKE) --jobs=$(JOBS) -C clickos xen empty-guest
	LAB_INDEX=$(XEN_LAB_INDEX) $(PLAYBOOK) --inventory inventory/xen-lab playbooks/lab-up.yml
	$(MAKE) --jobs=2 --output-sync=target test-xen-pvh test-xen-others

# Side by side: each of the two hosts keeps one processor of this machine busy. The fifty domains go with the shorter half.
test-xen-pvh:
	LAB_INDEX=$(XEN_LAB_INDEX) XEN_HOST=mh1 $(PYTEST) -m xen -k 'pvh or mass' $(GUEST_TESTS)

test-xen-others:
	LAB_INDEX=$(XEN_LAB_INDEX) XEN_HOST=mh2 $(PYTEST) -m xen -k 'not (pvh or mass)' $(GUEST_TESTS)

test-xen-hosts: setup | root  ## a part of test-long: the router on two Xen hosts, Linux guests; an hour where Xen is emulated
	$(call stage,module hosts on Xen)
	$(MAKE) --jobs=$(JOBS) -C clickos xen
	LAB_INDEX=$(XEN_LAB_INDEX) $(PYTEST) -m xen $(addprefix tests/live/test_xen_,router.py linux_guest.py)

# The counts at which both ways are measured; the last is how many domains there are in the end, and ten more.
COUNTS ?= 1,100,500,1000,1100
# Then it goes on to so many, or to the first wall; none are added with 0.
MOST ?= 2500
# true has role dom0_limits make room for them first; false is for the wall of dom0 as it is.
LIMITS ?= true
ROOM = $(shell printf '%s\n' $(MOST) $(COUNTS) | tr , '\n' | sort -n | tail -n 1)

.PHONY: mass
mass: setup | root  ## make 2,500 ClickOS domains on one Xen host of 12 GiB; COUNTS=1,50 MOST=0 for fewer; report in docs/reports
	$(call stage,mass creation)
	$(MAKE) --jobs=$(JOBS) -C clickos xen
	$(MAKE) -C domain_builder
	LAB_INDEX=$(MASS_LAB_INDEX) $(PLAYBOOK) --inventory inventory/xen-mass playbooks/lab-up.yml
	LAB_INDEX=$(MASS_LAB_INDEX) $(PLAYBOOK) --inventory inventory/xen-mass playbooks/doctor.yml -e doctor_repair=$(LIMITS) \
	    -e doctor_domains=$(ROOM) -e doctor_boot=pv -e doctor_memory_kib=4096
	python tests/bench/domains_bench.py --directory /run/flowstream/lab$(MASS_LAB_INDEX) \
	    --address 198.18.$(MASS_LAB_INDEX).11 --counts $(COUNTS) --most $(MOST)
	LAB_INDEX=$(MASS_LAB_INDEX) $(PLAYBOOK) --inventory inventory/xen-mass playbooks/lab-down.yml

##@ Checking

.PHONY: test test-long check lint unit engine-check engine-sanitizers guest-check fuzz live live-others live-aside live-long molecule
# What computes all the time, and what waits for machines; both need the engine, and guests that nobody builds meanwhile.
COMPUTING := lint-ansible lint-yaml lint-python lint-types lint-format lint-shell collection-check unit engine-check lint-tidy engine-sanitizers
WAITING := live-others molecule

test:  ## all but test-long: check, sanitizers, live tests, molecule, a Xen host; ends with a table of the stages (root)
	+@.ci/stages 'setup guest-check' -- '$(COMPUTING) / live-aside' '$(WAITING)' -- test-xen-smoke

test-long:  ## hours, before a release: killed runs, guests and module hosts on Xen, their roles, 2,500 domains, fuzzing; then docs/support.md
	+@.ci/stages setup -- live-long -- test-xen-guests -- test-xen-hosts -- molecule-module_host_xen -- molecule-dom0_kernel -- mass -- fuzz

check: lint unit engine-check  ## lint, unit, golden, model and engine tests: no root, no network

lint: lint-ansible lint-yaml lint-python lint-types lint-format lint-tidy lint-shell  ## every linter

.PHONY: lint-ansible lint-yaml lint-python lint-types lint-format lint-tidy lint-shell
lint-ansible: venv
	$(call stage,ansible-lint)
	ansible-lint

lint-yaml: venv
	$(call stage,yamllint)
	yamllint --strict .

lint-python: venv
	$(call stage,ruff)
	ruff check
	ruff format --check

# Ansible gives module_utils/flowstream the import name ansible.module_utils.flowstream; so does this link.
build/mypy/ansible/module_utils/flowstream:
	mkdir -p $(@D)
	ln -sfn ../../../../module_utils/flowstream $@

lint-types: venv build/mypy/ansible/module_utils/flowstream
	$(call stage,mypy)
	mypy

cpp_sources := $(shell git ls-files --cached --others --exclude-standard '*.cc' '*.hh')

lint-format: | packages
	$(call stage,clang-format)
	@printf '%s\n' $(cpp_sources) | xargs --no-run-if-empty clang-format --dry-run -Werror

lint-tidy: | packages
	$(call stage,clang-tidy)
	$(MAKE) -C clickos tidy
	$(MAKE) -C domain_builder tidy

.PHONY: format
format: venv | packages  ## format Python and C++ as lint wants it
	ruff format
	@printf '%s\n' $(cpp_sources) | xargs --no-run-if-empty clang-format -i

shell_sources := packages.sh .ci/run .ci/stages $(shell git ls-files --cached --others --exclude-standard '*.sh')

lint-shell: | packages
	$(call stage,shellcheck)
	@shellcheck $(sort $(shell_sources))

unit: venv clickos
	$(call stage,pytest)
	coverage erase
	coverage run -m $(PYTEST) -m 'not live and not xen'
	coverage combine --quiet
	@coverage report --sort=cover --skip-covered | sed -n '3,12p'
	@echo "coverage of the toolkit by tests without machines: $$(coverage report --format=total) %"

engine-check: clickos
	$(call stage,engine and domain-builder tests)
	$(MAKE) --jobs=$(JOBS) -C clickos check
	$(MAKE) --jobs=$(JOBS) -C domain_builder check

engine-sanitizers: | packages
	$(call stage,engine and domain-builder tests under AddressSanitizer and UndefinedBehaviorSanitizer)
	$(MAKE) --jobs=$(JOBS) -C clickos asan-check tsan-check
	$(MAKE) --jobs=$(JOBS) -C domain_builder asan-check

# The ClickOS image links, to the same bytes in any folder, and what is the guest's own in it does its work in a domain that the test plays.
guest-check: | packages
	$(call stage,ClickOS guest)
	$(MAKE) --jobs=$(JOBS) -C clickos xen xen-check image-check empty-guest linux-guest

FUZZ_SECONDS ?= 7200

fuzz: | packages  ## look for texts and packets that the engine does not survive, for FUZZ_SECONDS each
	$(call stage,fuzzing for $(FUZZ_SECONDS) s)
	$(MAKE) --jobs=$(JOBS) -C clickos fuzz FUZZ_SECONDS=$(FUZZ_SECONDS)

# These have labs of their own and run beside the others: so neither lane of `test` waits long for the other.
ASIDE := tests/live/test_migration.py tests/live/test_ipv6.py

live: live-others live-aside

live-others: setup | root
	$(call stage,live tests but those aside)
	LAB_INDEX=$(TEST_LAB_INDEX) $(PYTEST) -m 'live and not long' $(addprefix --ignore=,$(ASIDE))

live-aside: setup | root
	$(call stage,live tests aside)
	$(PYTEST) -m 'live and not long' $(ASIDE)

live-long: setup | root
	$(call stage,long live tests in the lab)
	LAB_INDEX=$(TEST_LAB_INDEX) $(PYTEST) -m 'live and long'

# The first makes the lab that the others share; those that need no machines, and those of Xen, are not here.
SCENARIOS := lab click_build allocation flow_switch module_host_process processing_module clickos_image linux_guest_image
XEN_SCENARIOS := dom0_limits clickos_domains
# What scenarios have in common; molecule finds it by itself in a clone, but not in a tree without .git.
MOLECULE = molecule --base-config .config/molecule/config.yml
ON_LAB = LAB_INDEX=$(MOLECULE_LAB_INDEX) $(MOLECULE)

molecule: setup | root  ## every molecule scenario of the lab's machines, on one lab; make molecule-NAME for any one
	$(call stage,molecule)
	$(ON_LAB) destroy --scenario-name lab
	for scenario in $(SCENARIOS); do $(ON_LAB) test --destroy never --scenario-name $$scenario; done
	$(ON_LAB) destroy --scenario-name lab

# module_host_xen prepares two emulated dom0s for twenty minutes; dom0_kernel installs the kernel's source (140 MB) on this
# machine, with its python3-apt.
molecule-%: setup | root
	$(call stage,molecule $*)
	$(if $(filter lab,$*),$(ON_LAB) destroy,$(ON_LAB) create) --scenario-name $*
	$(ON_LAB) test --destroy never --scenario-name $*
	$(ON_LAB) destroy --scenario-name $*

.PHONY: collection ee-context collection-check
COLLECTION := build/collection
collection: venv  ## the toolkit as an Ansible collection: build/collection/flowstream-platform-*.tar.gz
	ansible-galaxy collection build "$$(python collection/build.py $(COLLECTION))" --output-path $(COLLECTION) --force

EE_CONTEXT := build/execution-environment
ee-context: collection  ## what podman or docker builds an execution environment from: build/execution-environment
	ansible-builder create --file collection/execution-environment.yml --context $(EE_CONTEXT) --output-filename Containerfile

collection-check: venv  ## Ansible's own tests of a collection
	$(call stage,ansible-test sanity)
	collection/sanity.sh

.PHONY: golden bench experiments docs site clean
golden: venv clickos  ## rewrite examples/*/expected from what the code does now; review it as a diff
	$(PYTEST) tests/golden --rewrite-golden

bench: setup  ## nanoseconds per packet of the engine and of each type, seconds per plan, how well modules are placed
	$(call stage,engine benchmark)
	$(MAKE) -C clickos bench
	$(call stage,planner benchmark)
	python tests/bench/plan_bench.py
	$(call stage,benchmark of several switches)
	python tests/bench/fabric_bench.py
	$(call stage,types benchmark)
	python tests/bench/types_bench.py
	$(call stage,placement benchmark)
	python tests/bench/placement_bench.py
	$(call stage,what a scrape costs)
	$(PYTHON) tests/bench/scrape_bench.py

EXPERIMENT ?= experiments/router.yml

experiments: lab  ## measure EXPERIMENT in the lab: throughput, latency, loss, processor; report in build/experiments
	$(call stage,experiments)
	$(PLAYBOOK) playbooks/experiment.yml -e experiment=$(EXPERIMENT)

docs: venv clickos  ## rewrite the generated part of docs/
	python docs/generate.py

site: venv  ## the documentation as a site: build/site/index.html
	python docs/build_site.py

clean:  ## remove what was built (not .venv, not the lab)
	rm -rf build .ansible .hypothesis .mypy_cache .pytest_cache .ruff_cache
	$(MAKE) -C clickos clean
	$(MAKE) -C domain_builder clean
