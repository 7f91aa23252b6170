# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# Two CPUs for the benchmarks over veth: $client_cpu for who asks, $server_cpu for who is measured.
# shellcheck disable=SC2034 # for those who use it
mapfile -t cpus < <("$PYTHON" -c 'import os; print(*sorted(os.sched_getaffinity(0)), sep="\n")')
((${#cpus[@]} >= 2)) || fail "two CPUs are needed, one for who asks"
client_cpu=${cpus[0]} server_cpu=${cpus[1]}

# What else runs on the machine has to wait.
renice -n -20 $$ >/dev/null

# A veth has no CPU of its own: what the kernel does for a frame, from the device where it comes out
# up to the socket that it is for, is done by who has sent it (CPU: none). On a wire each machine
# receives for itself; with a CPU a veth does as much, at the price of an interrupt from CPU to CPU.
# receive_on CPU|none NAMESPACE DEVICE...
receive_on()
{
	local mask=0 device

	[[ $1 == none ]] || mask=$(printf '%x' $((1 << $1)))
	for device in "${@:3}"; do
		# shellcheck disable=SC2016 # the inner shell's
		on "$2" sh -c 'for queue in "/sys/class/net/$0/queues"/rx-*; do
			echo "$1" >"$queue/rps_cpus"; done' "$device" "$mask"
	done
}

# --- a part of a CPU, so that who is measured is the limit and not who asks -------------------

cgroups=$(awk '$3 == "cgroup" && $4 ~ /(^|,)cpu(,|$)/ { print $2; exit }' /proc/mounts)
cgroups2=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
groups=() cpu_was_off=no

# What was in them has been told to end.
groups_remove()
{
	local dir

	for dir in "${groups[@]}"; do
		wait_for 5 rmdir "$dir"
	done
	[[ $cpu_was_off == no ]] || echo -cpu >"$cgroups2/cgroup.subtree_control"
}

# group_add PID: 1 if there can be no control group of it.
group_add()
{
	local dir=${cgroups:-$cgroups2}/$RUN-$1

	[[ -n ${cgroups:-$cgroups2} ]] || return 1
	if [[ -z $cgroups ]] && ! grep -qw cpu "$cgroups2/cgroup.subtree_control"; then
		echo +cpu >"$cgroups2/cgroup.subtree_control" || return 1
		cpu_was_off=yes
	fi
	at_end=groups_remove
	mkdir "$dir" || return 1
	groups+=("$dir")
	[[ -e $dir/cpu.shares || -e $dir/cpu.max ]] || return 1
	echo "$1" >"$dir/cgroup.procs" || return 1
	# as much as the nice value above gives to others
	if [[ -n $cgroups ]]; then
		echo 262144 >"$dir/cpu.shares"
	else
		echo 10000 >"$dir/cpu.weight"
	fi
}

# groups_share PERCENT: of a CPU for each, in turns of 10 ms.
groups_share()
{
	local dir quota=$(($1 * 100))

	for dir in "${groups[@]}"; do
		if [[ -n $cgroups ]]; then
			echo 10000 >"$dir/cpu.cfs_period_us"
			((quota < 10000)) || quota=-1
			echo "$quota" >"$dir/cpu.cfs_quota_us"
		else
			((quota < 10000)) || quota=max
			echo "$quota 10000" >"$dir/cpu.max"
		fi
	done
}
