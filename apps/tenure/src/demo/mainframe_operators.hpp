// The people who run the mainframe: they carry out work orders by hand, and their nightly export shows what is there.
#pragma once

#include <string>
#include <vector>

#include <tenure/base/error.hpp>
#include <tenure/plan/plan.hpp>

namespace tenure::demo {

class MainframeOperators {
 public:
  // Reads the present export, which is what the mainframe holds.
  static Result<MainframeOperators> at(const std::string& folder);

  // Does what one change asks for, at the console: the export does not show it yet.
  void carry_out(const plan::Change& change);
  // The nightly job: both files are written anew.
  Status export_now() const;

 private:
  using Row = std::vector<std::string>;
  Row* find_user(const std::string& userid);
  std::string folder_;
  std::vector<Row> users_;    // with header: userid,name,status,person_id
  std::vector<Row> permits_;  // with header: userid,profile,access
};

}  // namespace tenure::demo
