# Pacemaker on a machine, without an init system. pacemaker.sh FOLDER, within the machine; FOLDER: what outlives its power
set -e
mkdir -p /run/crm /var/lib/pacemaker "$1/log"
for part in blackbox cib cores pengine; do
    mkdir -p "$1/lib/$part"
done
chown -R hacluster:haclient /run/crm "$1/lib" "$1/log"
chmod 750 /run/crm
mount --bind "$1/lib" /var/lib/pacemaker
mount --bind "$1/log" /var/log/pacemaker
export HA_LOGFACILITY=none PCMK_logfacility=none PCMK_logfile=/var/log/pacemaker/pacemaker.log
exec pacemakerd </dev/null >>"$1/log/pacemakerd.out" 2>&1
