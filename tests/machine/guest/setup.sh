#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs inside the new root of the guest, once, without any service running.
set -eu

echo machine >/etc/hostname
echo "127.0.0.1 localhost machine" >/etc/hosts
echo "/dev/vda / ext4 rw,discard 0 1" >/etc/fstab
systemctl -q enable machine-agent.service
systemctl -q enable pcscd.socket
# Nothing may start by itself while something is counted.
systemctl -q mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer man-db.timer e2scrub_all.timer \
    fstrim.timer systemd-tmpfiles-clean.timer
mkdir -p /etc/systemd/journald.conf.d /var/log/journal
printf '[Journal]\nStorage=persistent\nRateLimitIntervalSec=0\nForwardToConsole=no\n' \
    >/etc/systemd/journald.conf.d/machine.conf

# alice and bob are people, carol may use cards by the example's rule, and backup is Debian's user for a service.
groupadd smartcard
for user in alice bob carol; do
    useradd --create-home --shell /bin/bash "$user"
done
usermod --append --groups smartcard carol

mkdir -p /root/.ssh
chmod 700 /root/.ssh
ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519
for user in alice bob carol; do
    install -d -m 700 -o "$user" -g "$user" "/home/$user/.ssh"
    install -m 600 -o "$user" -g "$user" /root/.ssh/id_ed25519.pub "/home/$user/.ssh/authorized_keys"
done
# ssh from an address that is not called localhost counts as from afar.
cat >/etc/systemd/system/far-address.service <<UNIT
[Service]
Type=oneshot
ExecStart=/usr/sbin/ip address add 192.0.2.1/32 dev lo
[Install]
WantedBy=multi-user.target
UNIT
systemctl -q enable far-address.service

# A small initial ramdisk: what this machine needs to find its disk.
printf 'virtio_pci\nvirtio_blk\next4\n' >>/etc/initramfs-tools/modules
echo MODULES=list >/etc/initramfs-tools/conf.d/machine
update-initramfs -u -k all
apt-get clean
