#!/bin/sh
# As the container runs it: the whole machine read-only but one folder, a user of its own, no privileges.
# Takes that folder, which is /mnt within, then the command; run it in a mount namespace of its own
# (unshare --mount).
set -e
data=$1
shift
# Whatever of the interpreter lies in root's home has to be reached by the other user, and nothing else there.
mount -t tmpfs -o mode=755 tmpfs /mnt
for part in .pyenv .local; do
  if [ -d "$HOME/$part" ]; then
    mkdir "/mnt/$part"
    mount --bind "$HOME/$part" "/mnt/$part"
  fi
done
mount --rbind /mnt "$HOME"
mount --bind "$data" /mnt
mount -o remount,bind,ro "$HOME"
mount --bind / /
mount -o remount,bind,ro /
cd /
exec setpriv --reuid 10001 --regid 10001 --clear-groups --no-new-privs --bounding-set=-all "$@"
