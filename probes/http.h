/*
 * A look at a web page: one GET, or whatever method, and what came back.
 */
#pragma once

#include "probes/probe.h"

extern const struct probe_type http_probe;
