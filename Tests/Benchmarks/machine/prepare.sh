# What a machine of the failover has besides the distribution's: agents that note when they run.
# prepare.sh FOLDER, within the machine
set -e
mount -t overlay none -o "lowerdir=$1/sbin:/usr/sbin" /usr/sbin
mount -t overlay none -o "lowerdir=$1/ocf:/usr/lib/ocf/resource.d" /usr/lib/ocf/resource.d
