/*
 * Who may send: Basic, a token, or a key in a header.  Pure; comparisons take
 * as long for a wrong guess as for one that is nearly right.
 */
#pragma once

#include <stdbool.h>

struct conf_inbound;
struct inbound_request;

enum inbound_auth {
	INBOUND_AUTH_GOOD = 0,
	INBOUND_AUTH_NONE, /* nothing was given: they may try again with it */
	INBOUND_AUTH_WRONG,
};

/** A source without any credential of its own is open: see conf/inbound.h. */
enum inbound_auth inbound_authorize(const struct inbound_request *request);

/** For the log, of who may not: what was missing or wrong, without it. */
const char *inbound_auth_fault(const struct inbound_request *request);

/** For 401: WWW-Authenticate. */
const char *inbound_challenge(const struct conf_inbound *source);
