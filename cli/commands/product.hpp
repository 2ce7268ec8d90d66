// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/commands/files.hpp"
#include "cli/commands/tell.hpp"

namespace CLI {
class App;
}

namespace tpmvsc::cli {

/// Product is what a command makes beside its sentence: a certificate, a request, a public key.
struct Product {
    std::string name; ///< its member in JSON: "certificate"
    Bytes contents;
    bool is_text = true;
};

/// deliver writes the product to its file and ends the command as tell() does. On its way to
/// standard output it has that for itself, and the sentence goes to standard error; with --json it
/// is a member of the document, bytes in hexadecimal.
void deliver(const Product& product, OutputFile& file, Output& output, const ChosenCard& card,
             const std::string& sentence, Json result);

/// Options of commands that make certificates and the like.
struct ProductOptions {
    std::string path = "-";
    std::string format = "pem";

    bool pem() const { return format == "pem"; }
};

/// add_product_options declares --out and --format.
void add_product_options(CLI::App& command, ProductOptions& options, const std::string& what);

} // namespace tpmvsc::cli
