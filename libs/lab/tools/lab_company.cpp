// lab_company <folder> <today> [people] [seed]: writes the demo company, so that people can look at it.
#include <cstdio>
#include <cstdlib>

#include <tenure/lab/company.hpp>

int main(int argc, char** argv) {
  if (argc < 3 || argc > 5) {
    std::fputs("usage: lab_company <folder> <today, such as 2026-11-20> [people] [seed]\n", stderr);
    return 2;
  }
  const auto today = tenure::Time::parse(argv[2]);
  if (!today) {
    std::fprintf(stderr, "%s\n", today.error().to_string().c_str());
    return 2;
  }
  tenure::lab::CompanyOptions options{.today = *today};
  if (argc > 3) options.people = std::atoi(argv[3]);
  if (argc > 4) options.seed = std::strtoull(argv[4], nullptr, 10);
  const auto company = tenure::lab::make_company(options);
  const auto written = company ? tenure::lab::write_company(*company, argv[1]) : tenure::fail(company.error());
  if (!written) {
    std::fprintf(stderr, "%s\n", written.error().to_string().c_str());
    return 1;
  }
  const auto& e = company->expectations;
  std::printf("%d people in %d contracts, %d contractors, %d services\n", e.people, e.hr_rows, e.contractors,
              e.services);
  for (const auto& [target, n] : e.accounts) {
    const auto legacy = e.grants_legacy.find(target);
    std::printf("%-10s %6d accounts %6d grants, %d of them outside the managed scope\n", target.c_str(), n,
                e.grants.at(target), legacy == e.grants_legacy.end() ? 0 : legacy->second);
  }
  return 0;
}
