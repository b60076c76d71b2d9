/*
 * Tells the service manager how the process is: sd_notify(3), by hand, as all
 * of it is one datagram.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct notify;

/**
 * To $NOTIFY_SOCKET, a path or an abstract name ("@name").  NULL when nobody
 * asked to be told, or there is nobody.
 */
struct notify *notify_open(void);

/** NULL is allowed and does nothing. */
void notify_close(struct notify *notify);

/**
 * Assignments with line ends between them, such as "READY=1\nSTATUS=all well".
 * Never waits.  False when the manager did not take it.
 */
bool notify_send(const struct notify *notify, const char *state);

/** How often it wants to hear WATCHDOG=1, at least; 0: it does not. */
int64_t notify_watchdog_us(void);
