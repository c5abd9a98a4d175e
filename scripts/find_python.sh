#!/bin/sh
# Prints the first Python of 3.11 or later that runs; $PYTHON goes before the usual names.
for candidate in ${PYTHON:-} python3 python3.11 python3.12 python3.13 python; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        command -v "$candidate"
        exit 0
    fi
done
exit 1
