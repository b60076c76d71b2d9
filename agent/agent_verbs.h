/*
 * What may be asked of the running agent over its socket.
 */
#pragma once

#include "agent/control.h"

/** Their cookie is the `struct agent *`. */
extern const struct control_verb agent_verbs[];
