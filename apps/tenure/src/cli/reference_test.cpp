#include "cli/reference.hpp"

#include <gtest/gtest.h>

#include <tenure/base/file.hpp>

namespace tenure::cli {
namespace {

TEST(Reference, PageIsWhatTheProgramSays) {
  const auto page = read_file(std::string(TENURE_SOURCE_DIR) + "/docs/operations/cli.md");
  ASSERT_TRUE(page.has_value()) << page.error().to_string();
  EXPECT_EQ(*page, render_reference()) << "write it again: tenure __reference > docs/operations/cli.md";
}

TEST(Reference, LeavesOutWhatIsHidden) {
  EXPECT_EQ(render_reference().find("### __reference"), std::string::npos);
  EXPECT_NE(render_reference().find("### plan approve\n`tenure plan approve DIGEST --reason TEXT`"), std::string::npos);
}

}  // namespace
}  // namespace tenure::cli
