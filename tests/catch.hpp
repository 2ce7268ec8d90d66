// SPDX-License-Identifier: Apache-2.0
#pragma once

// Debian 12 has Catch2 2, Debian 13 has Catch2 3: the include differs, the tests do not.
#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#else
#include <catch2/catch.hpp>
#endif
