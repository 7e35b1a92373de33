#!/bin/sh
# Moves a tenant's M2M clients: migrate.sh, with the settings of both sides in the environment.
set -eu
stytch-m2m auth0 plan --out plan.yaml           # read it, edit it
stytch-m2m auth0 import plan.yaml --dry-run     # what it would do
stytch-m2m auth0 import plan.yaml --report report.json
stytch-m2m auth0 verify plan.yaml               # a token with each secret; each counts on the bill
stytch-m2m auth0 status plan.yaml               # how far it is, and what is next
