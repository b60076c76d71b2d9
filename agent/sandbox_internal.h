/*
 * For sandbox.c and its sandbox_*.c alone.
 */
#pragma once

#include "agent/base/err.h"
#include "agent/sandbox.h"

/** False: the kernel, or its administrator, does not let us. */
bool sandbox_limit_calls(struct err *err);
bool sandbox_limit_paths(
	const struct sandbox_settings *settings, struct err *err);
