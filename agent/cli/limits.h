/*
 * What the process may take, and leave behind.
 */
#pragma once

/**
 * As many descriptors as the system lets us have, and no core dumps, nor a
 * debugger of the same user: they would see tokens.
 */
void cli_limits(void);
