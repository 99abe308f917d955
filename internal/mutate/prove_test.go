package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// writeFiles writes files below dir.
func writeFiles(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		file := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	}
}

const (
	sumCode  = "package sum\n\nfunc Sum(a, b int) int { return a + b }\n\nfunc Less(a, b int) bool { return a < b }\n"
	sumTests = "package sum\n\nimport (\n\t\"os\"\n\t\"testing\"\n)\n\nfunc TestSum(t *testing.T) {\n\tif Sum(2, 3) != five || os.Getenv(\"RAPID_NOFAILFILE\") != \"true\" {\n\t\tt.Fail()\n\t}\n}\n\n" +
		"func TestNothing(*testing.T) {}\n"
)

// TestProvePromises breaks the promises of a small repository: one that its tests keep, in two folders, one that they do not
// keep, one whose change cannot be made, one whose change does not compile, and one that is exempt.
func TestProvePromises(t *testing.T) {
	dir := t.TempDir()
	writeFiles(t, dir, map[string]string{
		"go.mod":           "module example.com/sum\n\ngo 1.26\n",
		"sum.go":           sumCode,
		"sum_test.go":      sumTests,
		"five_test.go":     "package sum\n\nconst five = 5\n",
		"broken_test.go":   "package sum\n\nfunc unused() { doesNotCompile() }\n", // no test needs it
		"user/go.mod":      "module example.com/user\n\ngo 1.26\n\nrequire example.com/sum v0.0.0\n\nreplace example.com/sum => ../\n",
		"user/user.go":     "package user\n",
		"user/use_test.go": "package user\n\nimport (\n\t\"testing\"\n\n\t\"example.com/sum\"\n)\n\nfunc TestUse(t *testing.T) {\n\tif sum.Sum(1, 1) != 2 {\n\t\tt.Fail()\n\t}\n}\n",
		tableFile: "| page | promise | tests |\n| --- | --- | --- |\n| README.md | It adds | `TestSum`, `TestNothing`, `user/TestUse` |\n" +
			"| README.md | It compares | `TestNothing` |\n| README.md | It moves | `TestSum` |\n| README.md | It compiles | `TestSum` |\n| README.md | It is free | – |\n",
		entriesFile: "README.md: adds\nsum.go\n-a + b\n+a - b\n\nREADME.md: compares\nsum.go\n-a < b\n+a > b\n\nREADME.md: moves\nsum.go\n-gone\n+x\n\n" +
			"README.md: compiles\nsum.go\n-a + b\n+missing\n\nREADME.md: free\nexempt: it is about money\n",
	})
	t.Chdir(dir)
	var out bytes.Buffer
	err := run(t.Context(), []string{"-promises"}, &out, &out)
	require.ErrorContains(t, err, "3 promises are not kept by a test")
	for _, text := range []string{
		"README.md: It adds: kept by TestSum, user/TestUse; not by TestNothing\n",
		"README.md: It compares: NO TEST FAILS for the change of sum.go: a < b\n",
		`README.md: It moves: sum.go: the old text "gone" occurs 0 times instead of once`,
		"README.md: It compiles: the tests in . do not compile",
		"README.md: It is free: exempt: it is about money\n",
		"5 promises in ", ": the tests keep 1, 1 are exempt\n",
	} {
		assert.Contains(t, out.String(), text)
	}

	out.Reset()
	require.NoError(t, run(t.Context(), []string{"-promises", "-only", "^README.md: It (adds|is)"}, &out, &out))
	assert.NotContains(t, out.String(), "compares")
	require.ErrorContains(t, run(t.Context(), []string{"-promises", "-only", "nothing like it"}, &out, &out), "selects no promise")
	require.Error(t, run(t.Context(), []string{"-promises", "-only", "("}, &out, &out))

	writeFiles(t, dir, map[string]string{"five_test.go": "package sum\n\nconst five = 6\n"})
	require.ErrorContains(t, run(t.Context(), []string{"-promises", "-only", "adds"}, &out, &out), "without a change", "a test that fails always proves nothing")
	writeFiles(t, dir, map[string]string{entriesFile: "README.md: adds\nexempt: why\n"})
	require.ErrorContains(t, run(t.Context(), []string{"-promises"}, &out, &out), `the promise "README.md: It compares" has no entry`)
}

func TestUnneededTestFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeFiles(t, dir, map[string]string{
		"a_test.go":    "package p_test\n\nfunc TestA() { helper(); p.Exported() }\n",
		"b_test.go":    "package p_test\n\nfunc helper() { var v thing; v.method() }\n",
		"c_test.go":    "package p_test\n\ntype thing struct{}\n",
		"d_test.go":    "package p_test\n\nfunc (thing) method() { limit() }\n",
		"e_test.go":    "package p_test\n\nfunc TestOther() {}\n\nvar x.unexported int\n",
		"f_test.go":    "package p\n\nfunc Exported() {}\n",
		"main_test.go": "package p_test\n\nfunc TestMain() {}\n",
		"l_test.go":    "package p_test\n\nvar limit = func() {}\n",
	})
	_, err := unneededTestFiles(dir, []string{"TestA"})
	require.Error(t, err, "a file cannot be parsed")
	writeFiles(t, dir, map[string]string{"e_test.go": "package p_test\n\nfunc TestOther() { p.helper() }\n\nfunc method() {}\n"})
	unneeded, err := unneededTestFiles(dir, []string{"TestA"})
	require.NoError(t, err)
	assert.Equal(t, []string{filepath.Join(dir, "e_test.go")}, unneeded)
}
