// SPDX-License-Identifier: Apache-2.0

// Destroys the card that is named; prints what was left of it.
#include <tpmvsc.hpp>

#include <iostream>

int main(int argc, char** argv) {
    try {
        tpmvsc_cpp::Cards cards;
        const bool nothing_left = cards.destroy(argc == 2 ? argv[1] : "");
        std::cout << (nothing_left ? "nothing\n" : "something\n");
        return 0;
    } catch (const tpmvsc_cpp::Error& error) {
        std::cout << error.what() << "\n";
        return error.status();
    }
}
