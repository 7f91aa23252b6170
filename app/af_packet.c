// SPDX-License-Identifier: BSD-3-Clause
// DPDK's net_af_packet (22.11) asks the kernel to put IPv4 fragments together before it delivers
// them (PACKET_FANOUT_FLAG_DEFRAG), and has no option against it. What comes is longer than the
// frames of its ring and would arrive cut off. It also makes a fan-out of a single queue, and then
// whoever sends a frame computes a hash and looks for room in vain. Nor does it tell its sockets.
// The driver's calls find setsockopt() here in place of libc's; nothing else uses these options.
#include "app/af_packet.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FANOUT_FLAGS_SHIFT 16 // packet(7): identifier below, mode and flags above
#define SOCKETS            256

static int receiver[SOCKETS]; // sockets with a ring to receive, in the order of their making
static unsigned int n_receiver;

// A driver that failed may have closed its sockets since.
static bool
receives_on(int fd, unsigned int ifindex)
{
	struct sockaddr_ll addr;
	socklen_t len = sizeof(addr);

	return getsockname(fd, (struct sockaddr *)&addr, &len) == 0 &&
	       addr.sll_family == AF_PACKET && addr.sll_ifindex == (int)ifindex;
}

int
af_packet_socket(unsigned int ifindex, unsigned int queue)
{
	for (unsigned int i = 0; i < n_receiver; i++)
		if (receives_on(receiver[i], ifindex) && queue-- == 0)
			return receiver[i];
	return -1;
}

static int
set(int fd, int level, int name, const void *value, socklen_t len)
{
	return (int)syscall(SYS_setsockopt, fd, level, name, value, len);
}

// Only once there is a second queue, and then the first one as well.
static int
join_fanout(int fd, unsigned int fanout)
{
	struct sockaddr_ll addr = {.sll_ifindex = 0};
	socklen_t len = sizeof(addr);
	int first;

	if (getsockname(fd, (struct sockaddr *)&addr, &len))
		return -1;
	first = af_packet_socket((unsigned int)addr.sll_ifindex, 0);
	if (first == fd)
		return 0;
	fanout &= ~((unsigned int)PACKET_FANOUT_FLAG_DEFRAG << FANOUT_FLAGS_SHIFT);
	if (first >= 0 && set(first, SOL_PACKET, PACKET_FANOUT, &fanout, sizeof(fanout)) &&
		errno != EALREADY)
		return -1;
	return set(fd, SOL_PACKET, PACKET_FANOUT, &fanout, sizeof(fanout));
}

int
setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	unsigned int fanout;

	if (level == SOL_PACKET && name == PACKET_FANOUT && len == sizeof(fanout)) {
		memcpy(&fanout, value, sizeof(fanout));
		return join_fanout(fd, fanout);
	}
	if (level == SOL_PACKET && name == PACKET_RX_RING && n_receiver < SOCKETS)
		receiver[n_receiver++] = fd;
	return set(fd, level, name, value, len);
}
