/*
 * What changes from one hop to the next, as Python's requests has it.  Pure.
 */
#pragma once

#include <stdbool.h>

struct url;

enum {
	REDIRECT_MAX = 30,
};

/** True for a status that leads elsewhere, if the answer says where. */
bool redirect_is(int status);

/** The method of the next hop; methods are in upper case. */
const char *redirect_method(int status, const char *method);

/** Whether what the request's body is, is said again on the next hop. */
bool redirect_keeps_body(int status);

/** Whether what proves who we are to `from` is for `to` as well. */
bool redirect_keeps_auth(const struct url *from, const struct url *to);
