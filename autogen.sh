#!/bin/sh
# Makes ./configure. Run once after a clone; configure and make keep themselves up to date after that.
set -e
cd "$(dirname "$0")"
autoreconf --install --force --warnings=no-obsolete
