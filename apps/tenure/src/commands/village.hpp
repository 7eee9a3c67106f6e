// Commands on a state folder of their own, from the words of the command line to the exit code; no servers. Tests only.
#pragma once

#include "cli/command.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace tenure::cli {

struct Ran {
  Exit exit = Exit::kFailed;
  std::string out, err;
  json::Value json() const { return json::parse(out).value_or(json::Value()); }
  std::vector<json::Value> items() const {
    const json::Value document = json();
    const json::Value* found = document.find("items");
    return found == nullptr || !found->is_array() ? json::Array{} : found->as_array();
  }
  std::string both() const { return out + err; }
};

class Commands : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  Ran run(std::vector<std::string> words, const std::string& actor = "ana.ash") const;
  void init();  // with examples/nordhaven
  // Relative to the test's folder; makes the folders on the way.
  void write(const std::string& path, const std::string& text) const;

  std::string folder_;
};

// A policy that needs no server: people in a file of HR, accounts and groups in files that a system exports and people
// keep (office: pen and paper work orders).
class Village : public Commands {
 protected:
  // Documents beside Settings, Source hr and Target office, and members of Settings; written before init.
  void found(const std::string& more_documents = {}, const std::string& more_settings = {});
  // Rows "P1,Anna,Berg,Sales,active".
  void people(const std::vector<std::string>& rows) const;
  // Rows "aberg,ACTIVE,P1" and "aberg,sales".
  void office(const std::vector<std::string>& accounts, const std::vector<std::string>& grants) const;
  // pull, read, plan onboarding, approve by bo.lind, apply; then a reconciling plan: its digest.
  std::string plan();
  void onboard();
};

}  // namespace tenure::cli
