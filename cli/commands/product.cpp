// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/product.hpp"

#include "cli/journal.hpp"

#include <CLI/CLI.hpp>

namespace tpmvsc::cli {

void deliver(const Product& product, OutputFile& file, Output& output, const ChosenCard& card,
             const std::string& sentence, Json result) {
    if (!file.is_standard_output()) {
        if (file.wanted()) {
            file.write(product.contents);
            result["file"] = file.path();
        }
        tell(output, card, sentence, result);
        return;
    }
    if (output.json) {
        result[product.name] = product.is_text
                                   ? std::string(product.contents.begin(), product.contents.end())
                                   : to_hex(product.contents);
        tell(output, card, sentence, result);
        return;
    }
    file.write(product.contents);
    output.progress(sentence);
    record_change(output, card.status.identity, sentence, result);
}

void add_product_options(CLI::App& command, ProductOptions& options, const std::string& what) {
    command.add_option("-o,--out", options.path, "where " + what + " goes; - is standard output")
        ->type_name("FILE")
        ->capture_default_str();
    command.add_option("--format", options.format, "how it is written")
        ->check(CLI::IsMember({"pem", "der"}))
        ->capture_default_str();
}

} // namespace tpmvsc::cli
