// The conditions of rules, evaluated by the row evaluator: over the facts that a reason names, or over the facts of an
// identity as codes. Each list of conditions is evaluated once for each combination of values that it reads.
// One thread; each has its own.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <tenure/base/json.hpp>
#include <tenure/cel/environment.hpp>
#include <tenure/cel/program.hpp>
#include <tenure/plan_check/check.hpp>

namespace tenure::plan_check {

enum class Answer : std::uint8_t { kYes, kNo, kCannotTell };

class Conditions {
 public:
  explicit Conditions(const Input& input);

  // Equal lists have one number.
  std::size_t number_of(const std::vector<std::string>& conditions);
  // What is not named cannot help.
  Answer on_facts(std::size_t number, const json::Object& facts);
  // On what is known of the identity of that row.
  Answer on_row(std::size_t number, std::uint32_t row);

 private:
  static constexpr std::uint32_t kUnknown = 0xFFFFFFFF;
  struct List {
    std::vector<std::shared_ptr<const cel::Program>> programs;  // nullptr: it does not compile
    std::vector<const Attribute*> reads;
    bool whole = false;                 // reads `identity` as a whole, or what is no attribute here
    std::vector<std::uint8_t> by_code;  // of one attribute; 0: not asked yet
    std::vector<std::unordered_map<std::uint64_t, std::uint32_t>> combinations;  // of several, two by two
    std::unordered_map<std::uint64_t, Answer> by_combination;
    std::unordered_map<std::string, Answer> by_facts;  // canonical text
  };

  std::shared_ptr<const cel::Program> compiled(const std::string& text);
  Answer evaluate(const List& list, const json::Object& facts) const;
  Answer on_codes(const List& list, const std::vector<std::uint32_t>& codes) const;
  static std::uint32_t code_of(const Attribute& attribute, std::uint32_t row);

  const Input& input_;
  cel::Environment environment_;
  cel::VariableIndex identity_ = 0;
  std::map<std::string, std::shared_ptr<const cel::Program>> programs_;
  std::map<std::vector<std::string>, std::size_t> numbers_;
  std::vector<List> lists_;
  std::vector<std::uint32_t> codes_;  // of one question
};

}  // namespace tenure::plan_check
