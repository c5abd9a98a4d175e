#!/bin/sh
# Installs what Python and Qt need from Debian/Ubuntu and is not here yet: as root through apt,
# else it prints the one line to run. Called by `make`; silent when nothing is missing.
set -eu

need=""
has_library() { ldconfig -p 2>/dev/null | grep -q "$1" || ls /usr/lib/*/"$1"* >/dev/null 2>&1; }
wants() { has_library "$1" || need="$need $2"; }

python=$(sh "$(dirname "$0")/find_python.sh" || true)
if [ -z "$python" ]; then
    need="$need python3 python3-venv"
elif ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    need="$need python3-venv"
fi

# Qt's platform plugins (xcb, wayland, offscreen) and QtGui itself.
wants libEGL.so.1 libegl1
wants libGL.so.1 libgl1
wants libxkbcommon.so.0 libxkbcommon0
wants libxkbcommon-x11.so.0 libxkbcommon-x11-0
wants libdbus-1.so.3 libdbus-1-3
wants libfontconfig.so.1 libfontconfig1
wants libfreetype.so.6 libfreetype6
wants libxcb-cursor.so.0 libxcb-cursor0
wants libxcb-icccm.so.4 libxcb-icccm4
wants libxcb-image.so.0 libxcb-image0
wants libxcb-keysyms.so.1 libxcb-keysyms1
wants libxcb-randr.so.0 libxcb-randr0
wants libxcb-render-util.so.0 libxcb-render-util0
wants libxcb-shape.so.0 libxcb-shape0
wants libxcb-xinerama.so.0 libxcb-xinerama0
wants libxcb-xkb.so.1 libxcb-xkb1
wants libX11-xcb.so.1 libx11-xcb1
wants libglib-2.0.so.0 libglib2.0-0
# A window without a single font shows boxes for letters.
ls /usr/share/fonts/*/* >/dev/null 2>&1 || need="$need fonts-dejavu-core"

[ -n "$need" ] || exit 0
if ! command -v apt-get >/dev/null 2>&1; then
    echo "These system packages are missing; install them with your package manager:$need" >&2
    exit 1
fi
if [ "$(id -u)" != 0 ]; then
    echo "System packages are missing. Run this line, then make again:" >&2
    echo "  sudo apt-get update && sudo apt-get install -y$need" >&2
    exit 1
fi
echo "Installing system packages:$need"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# Word splitting is meant: one package a word.
# shellcheck disable=SC2086
apt-get install -y -qq --no-install-recommends $need >/dev/null
