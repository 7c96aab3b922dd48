#!/usr/bin/env bash
# Builds a Debian base image from packages, for machines whose container engine can pull nothing.
# usage (as root): base-image.sh SUITE TAG [PACKAGE,PACKAGE...]      e.g. base-image.sh bookworm local/debian:bookworm
set -euo pipefail
suite=$1 tag=$2 packages=ca-certificates${3:+,$3}

if [ "$(id -u)" != 0 ]; then
    echo "base-image: debootstrap needs root. Type: sudo $0 $*" >&2
    exit 1
fi
command -v debootstrap >/dev/null || apt-get install -y -qq --no-install-recommends debootstrap

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
debootstrap --variant=minbase --include="$packages" "$suite" "$root" >/dev/null
# What the machine trusts, the image trusts: some machines reach package sources through a proxy of their own.
install -m644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/cache/apt/*.bin "$root"/var/lib/apt/lists/*
# Files only: Java's package does not install without the folder man1.
find "$root"/usr/share/doc "$root"/usr/share/man "$root"/usr/share/locale "$root"/var/log -type f -delete
tar -C "$root" --numeric-owner -c . | docker import -c 'ENV LANG=C.UTF-8' -c 'CMD ["bash"]' - "$tag" >/dev/null
echo "$tag"
