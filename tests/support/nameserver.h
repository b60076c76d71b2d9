/*
 * A name server on loopback for unit tests, in a thread.  The name says what it
 * answers: the part before the first digit or dot is
 *
 *     a         127.0.0.5
 *     two       127.0.0.5 and 127.0.0.6
 *     many      127.0.0.1 to 127.0.0.12
 *     six       ::1
 *     nodata    nothing, though the name exists
 *     nx        there is no such name
 *     servfail, refused
 *     silent    no answer at all
 */
#pragma once

struct nameserver;

struct nameserver *nameserver_start(void);
void nameserver_stop(struct nameserver *server);

/** "127.0.0.1:PORT" */
const char *nameserver_address(const struct nameserver *server);

/** How often an IPv4 address was asked for. */
unsigned nameserver_asked(struct nameserver *server);
