#include "checker.hpp"

#include <set>

namespace tenure::cel {
namespace {

// Collects paths: the longest chain of selections from a variable, or what stands below anything else.
class References {
 public:
  explicit References(const Checked& checked) : c_(checked) {}
  std::set<std::string> run() {
    visit(c_.ast.root);
    return std::move(found_);
  }

 private:
  std::string path(ExprId id) const {
    const Expr& e = c_.ast[id];
    if (e.kind == Expr::Kind::kIdent) return c_.bindings[id].kind == Binding::Kind::kVariable ? e.name : "";
    if (e.kind != Expr::Kind::kSelect && e.kind != Expr::Kind::kHas) return "";
    const std::string left = path(e.args[0]);
    return left.empty() ? "" : left + "." + e.name;
  }
  void visit(ExprId id) {
    if (std::string p = path(id); !p.empty()) {
      found_.insert(std::move(p));
      return;
    }
    for (const ExprId arg : c_.ast[id].args) visit(arg);
  }

  const Checked& c_;
  std::set<std::string> found_;
};

}  // namespace

std::vector<std::string> referenced_paths(const Checked& checked) {
  const auto found = References(checked).run();
  return {found.begin(), found.end()};
}

}  // namespace tenure::cel
