// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.hpp"

/// The verbs of "tpmvsc cert".
namespace tpmvsc::cli {

void add_cert_request(CLI::App& noun, Output& output, Chosen& chosen);
void add_cert_countersign(CLI::App& noun, Output& output, Chosen& chosen);
void add_cert_self_sign(CLI::App& noun, Output& output, Chosen& chosen);
void add_cert_import(CLI::App& noun, Output& output, Chosen& chosen);
void add_cert_export(CLI::App& noun, Output& output, Chosen& chosen);
void add_cert_delete(CLI::App& noun, Output& output, Chosen& chosen);
void add_cert_renew(CLI::App& noun, Output& output, Chosen& chosen);

} // namespace tpmvsc::cli
