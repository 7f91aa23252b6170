// SPDX-License-Identifier: BSD-3-Clause
// The keys of drivers-cfg/*.yaml.
#include "config/driver.h"
#include "config/schema.h"

#define HASHES \
	{ \
		"ipv4", "ipv4-tcp", "ipv4-udp", "ipv6", "ipv6-tcp", "ipv6-udp" \
	}
#define CHECKSUMS \
	{ \
		"udp-checksum" \
	}

static const struct config_key driver_key[] = {
	// clang-format off
	{"names", KEY_VALUES, TYPE(name), ENTRIES(struct driver_cfg, names, n_names),
		.required = true,
		.help = "What DPDK calls the driver (`show port info`: driver)."},
	{"about", KEY_VALUE, TYPE(text), FIELD(struct driver_cfg, about), .required = true,
		.help = "The NICs that it is for."},
	{"kernel", KEY_VALUES, TYPE(name), ENTRIES(struct driver_cfg, kernel, n_kernel),
		.may_be_empty = true, .def_text = "none",
		.help = "Linux drivers of the same NICs."},
	{"bind", KEY_VALUES, TYPE(name), ENTRIES(struct driver_cfg, bind, n_bind),
		.may_be_empty = true, .def_text = "none",
		.help = "Kernel drivers that hand such a NIC over to DPDK, best first."},
	{"arguments", KEY_VALUES, TYPE(text), ENTRIES(struct driver_cfg, arguments, n_arguments),
		.may_be_empty = true, .def_text = "none",
		.help = "NAME=VALUE, added to a virtual device whose configuration does not give "
			"them."},
	{"rx_queues", KEY_VALUE, TYPE(number), FIELD(struct driver_cfg, rx_queues),
		.min = 1, .high = 256, .def = "1", .unit = "queues",
		.help = "Receive queues that are of use. Where there is but one, a worker receives "
			"and hands over to the others."},
	{"tx_queues", KEY_VALUE, TYPE(number), FIELD(struct driver_cfg, tx_queues),
		.min = 1, .high = 256, .def = "1", .unit = "queues",
		.help = "Transmit queues that are of use."},
	{"rx_descriptors", KEY_VALUE, TYPE(number), FIELD(struct driver_cfg, rx_desc),
		.min = 32, .high = DRIVER_MAX_DESC, .def = "1024", .unit = "descriptors",
		.help = "Of each receive queue; what waits there while a worker is busy."},
	{"tx_descriptors", KEY_VALUE, TYPE(number), FIELD(struct driver_cfg, tx_desc),
		.min = 32, .high = DRIVER_MAX_DESC, .def = "1024", .unit = "descriptors",
		.help = "Of each transmit queue."},
	{"mtu_max", KEY_VALUE, TYPE(number), FIELD(struct driver_cfg, mtu_max),
		.min = 1280, .high = 9000, .def = "9000", .unit = "bytes",
		.help = "Longest IP packet of the driver; single models may take less."},
	{"link", KEY_VALUE, TYPE(choice), FIELD(struct driver_cfg, link),
		.choices = {"poll", "interrupt"}, .def = "poll",
		.help = "How a change of the link is noticed."},
	{"wake", KEY_VALUE, TYPE(choice), FIELD(struct driver_cfg, wake),
		.choices = {"none", "socket", "interrupt"}, .def = "none",
		.help = "What tells a sleeping worker that a packet is there. `none`: it looks "
			"every 50 microseconds, or every 150 after a second without any. "
			"`interrupt`: so it does for 20 ms after each packet, until a first "
			"interrupt came, and where none come (uio_pci_generic, some NICs)."},
	{"rss", KEY_SECTION, .help = "How packets are spread over the receive queues."},
	{"rss.key", KEY_VALUE, TYPE(number), FIELD(struct driver_cfg, rss.key_len),
		.min = 0, .high = 64, .def = "0", .unit = "bytes",
		.help = "Length of the Toeplitz key that it takes; 0: it takes none."},
	{"rss.table", KEY_VALUE, TYPE(number), FIELD(struct driver_cfg, rss.reta_size),
		.min = 0, .high = 2048, .def = "0", .unit = "entries",
		.help = "Size of the table from hash to queue; 0: there is none."},
	{"rss.hash", KEY_VALUES, TYPE(flags), FIELD(struct driver_cfg, rss.hash),
		.choices = HASHES, .self_placed = true, .may_be_empty = true, .def_text = "none",
		.help = "Packets that it can hash; TCP and UDP by their ports, too."},
	{"offloads", KEY_SECTION, .help = "Work that the NIC does."},
	{"offloads.rx", KEY_VALUES, TYPE(flags), FIELD(struct driver_cfg, offloads.rx),
		.choices = CHECKSUMS, .self_placed = true, .may_be_empty = true,
		.def_text = "none",
		.help = "Checks on DNS messages that are received. Only for drivers that call good "
			"what the NIC has looked at, and nothing else."},
	{"offloads.tx", KEY_VALUES, TYPE(flags), FIELD(struct driver_cfg, offloads.tx),
		.choices = CHECKSUMS, .self_placed = true, .may_be_empty = true,
		.def_text = "none",
		.help = "Filled into DNS messages that are sent. Only for NICs that write ffff "
			"where the sum is 0, which means no checksum."},
	{"offloads.avoid", KEY_ITEMS, ENTRIES(struct driver_cfg, offloads.avoid, offloads.n_avoid),
		.may_be_empty = true, .def_text = "none",
		.help = "What the driver offers and gate64 leaves alone."},
	{"offloads.avoid[].what", KEY_VALUE, TYPE(name),
		.offset = 0, .size = SIZE_IN(struct driver_cfg, offloads.avoid[0].what),
		.required = true, .help = "The offload."},
	{"offloads.avoid[].why", KEY_VALUE, TYPE(text),
		.offset = SIZE_IN(struct driver_cfg, offloads.avoid[0].what),
		.size = SIZE_IN(struct driver_cfg, offloads.avoid[0].why),
		.required = true, .help = "The reason."},
	// clang-format on
};
const struct schema driver_schema = {driver_key, N(driver_key)};
