# SPDX-License-Identifier: BSD-3-Clause
"""An upstream DNS server that behaves as the first label of the name asked for says.

fake_dns.py ADDRESS OTHER-ADDRESS

Every name has the A record 9.9.9.9 and no AAAA. A forged answer says 6.6.6.6 or 2001:db8:dead::1
and leaves before the true one.
"""
import socket
import sys
import threading

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

AFTER_A_LIE = 0.1
SLOW = 0.7  # less than the gateway's time-out

address, other_address = sys.argv[1:3]
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind((address, 53))
other_source = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
other_source.bind((other_address, 53))
other_port = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
other_port.bind((address, 5353))
lost = set()


def reply(query, a, aaaa=None):
    question = query.question[0]
    answer = dns.message.make_response(query, recursion_available=True)
    data = {dns.rdatatype.A: a, dns.rdatatype.AAAA: aaaa}.get(question.rdtype)
    if data:
        answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", question.rdtype, data))
    return answer


def lie(query):
    return reply(query, "6.6.6.6", "2001:db8:dead::1")


def wrong_id(query, peer):
    for difference in range(1, 20):
        forged = lie(query)
        forged.id = (query.id + difference) % 65536
        sock.sendto(forged.to_wire(), peer)


def wrong_source(query, peer):
    other_source.sendto(lie(query).to_wire(), peer)


def wrong_port(query, peer):
    other_port.sendto(lie(query).to_wire(), peer)


def lie_about(name, rdtype, query, peer):
    false = dns.message.make_query(name, rdtype)
    false.id = query.id
    sock.sendto(lie(false).to_wire(), peer)


def wrong_question(query, peer):
    lie_about("elsewhere.example.net", query.question[0].rdtype, query, peer)


def wrong_type(query, peer):
    types = {dns.rdatatype.A: "AAAA", dns.rdatatype.AAAA: "A"}
    lie_about(query.question[0].name, types[query.question[0].rdtype], query, peer)


LIES = {
    b"wrong-id": wrong_id,
    b"wrong-source": wrong_source,
    b"wrong-port": wrong_port,
    b"wrong-question": wrong_question,
    b"wrong-type": wrong_type,
}


def later(seconds, query, peer):
    wire = reply(query, "9.9.9.9").to_wire()
    threading.Timer(seconds, sock.sendto, (wire, peer)).start()


def serve(query, peer):
    question = query.question[0]
    label = question.name.labels[0].lower()
    if label == b"only-lies":
        for tell in LIES.values():
            tell(query, peer)
    elif label in LIES:
        LIES[label](query, peer)
        later(AFTER_A_LIE, query, peer)
    elif label == b"slow":
        later(SLOW, query, peer)
    elif label == b"lost-once" and question.rdtype not in lost:
        lost.add(question.rdtype)
    else:
        later(0, query, peer)


while True:
    wire, peer = sock.recvfrom(4096)
    serve(dns.message.from_wire(wire), peer)
