/*
 * Where things are once the program is installed; the build fills it in.
 */
#pragma once

/** The JSON Schema of the configuration, for editors. */
extern const char cli_schema_place[];
