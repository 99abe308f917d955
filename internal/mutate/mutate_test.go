package main

import (
	"bytes"
	"go/parser"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMutantsOf(t *testing.T) {
	t.Parallel()
	for code, want := range map[string][]string{
		"return a == b":             {"return a != b"},
		"return a < 1":              {"return a <= 1", "return a >= 1", "return a < 2"},
		"if ok { work() }":          {"if !(ok) { work() }", "if ok { {} }"},
		"x = !true":                 {"{}", "x = true", "x = !false"},
		"return nil, err":           {"return nil, nil"},
		"for { i++; continue }":     {"for { i--; continue }", "for { i++; break }"},
		"defer unlock()":            {"{}"},
		"x := a && b || c":          {"x := a || b || c", "x := a && b && c"},
		"return -a * 2 / b":         {"return a * 2 / b", "return -a / 2 / b", "return -a * 3 / b", "return -a * 2 * b"},
		"const limit = 1 << size":   {"const limit = 2 << size", "const limit = 2*(1 << size)", "const limit = (1 << size)/2"},
		"type s struct{ a [2]int }": nil,
	} {
		source := "package p\n\nfunc f() {\n" + code + "\n}\n"
		fset := token.NewFileSet()
		parsed, err := parser.ParseFile(fset, "f.go", source, parser.SkipObjectResolution)
		require.NoError(t, err, code)
		mutants := newFinder(fset, "f.go", parsed, []byte(source), nil, 0).mutants()
		var got []string
		for _, m := range mutants {
			got = append(got, strings.Split(string(m.apply()), "\n")[3])
			assert.Equal(t, 4, m.line)
			assert.Equal(t, code, m.text)
		}
		assert.ElementsMatch(t, want, got, code)
	}
}

func TestSample(t *testing.T) {
	t.Parallel()
	var all []mutant
	for i := range 100 {
		all = append(all, mutant{line: i})
	}
	first := sampleOf(all, settings{sample: 10, seed: 1})
	assert.Len(t, first, 10)
	assert.Equal(t, first, sampleOf(all, settings{sample: 10, seed: 1}))
	assert.NotEqual(t, first, sampleOf(all, settings{sample: 10, seed: 2}))
	assert.Equal(t, all, sampleOf(all, settings{}))
}

func TestEquivalentMutants(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "equivalent.txt")
	require.NoError(t, os.WriteFile(file, []byte("# a comment\na.go\nreturn a < b: < -> <=\nthe two are never equal\n\nb.go\nx\ny\n"), 0o600))
	list, err := readEquivalent(file)
	require.NoError(t, err)
	rest, unused := withoutEquivalent([]mutant{
		{file: "a.go", text: "return a < b", old: "<", new: "<="}, {file: "a.go", text: "return a < b", old: "<", new: ">="},
	}, list)
	assert.Len(t, rest, 1)
	assert.Equal(t, []equivalent{{"b.go", "x", "y"}}, unused)

	inFolder := []equivalent{{"a.go", "x", "y"}, {"b/a.go", "x", "z"}}
	assert.Equal(t, []equivalent{{"a.go", "x", "y"}}, equivalentIn(".", inFolder))
	assert.Equal(t, []equivalent{{"a.go", "x", "z"}}, equivalentIn("./b", inFolder))

	require.NoError(t, os.WriteFile(file, []byte("a.go\nx\n"), 0o600))
	_, err = readEquivalent(file)
	require.ErrorContains(t, err, "2 lines")
	list, err = readEquivalent(filepath.Join(t.TempDir(), "missing"))
	require.NoError(t, err)
	assert.Empty(t, list)
}

// TestRun measures a package with one mutant that its tests detect, one that they do not, and one that they never execute.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module example.com/sum\n\ngo 1.26\n",
		"sum.go": "package sum\n\nfunc Sum(a, b int) int { return a + b }\n\nfunc Less(a, b int) bool { return a < b }\n\n" +
			"func Never() bool { return true }\n",
		"sign.go": "package sum\n\nfunc Sign(n int) int {\n\tswitch {\n\tcase n < 0:\n\t\treturn -1\n\t}\n\treturn 1\n}\n",
		"sign_test.go": "package sum\n\nimport \"testing\"\n\nfunc TestPositive(t *testing.T) {\n\tif Sign(0) != 1 {\n\t\tt.Fail()\n\t}\n}\n\n" +
			"func TestNegative(t *testing.T) {\n\tif Sign(-1) != -1 {\n\t\tt.Fail()\n\t}\n}\n",
		"sum_test.go": "package sum\n\nimport \"testing\"\n\nfunc TestSum(t *testing.T) {\n\tif Sum(2, 3) != 5 {\n\t\tt.Fail()\n\t}\n}\n\n" +
			"func TestLess(t *testing.T) {\n\tif !Less(1, 2) {\n\t\tt.Fail()\n\t}\n}\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	t.Chdir(dir)
	var out bytes.Buffer
	err := run(t.Context(), []string{"-n", "0", "-v"}, &out, &out)
	require.ErrorContains(t, err, "80.0 % of all mutants are killed, less than 93 %")
	require.ErrorContains(t, err, "sum.go: 50.0 %", "all of the file's mutants were tried")
	for _, text := range []string{"return a + b }: + -> - (killed by TestSum)", "< -> >= (killed by TestLess)", "< -> <= (survived)",
		"true -> false (survived, no test executes the line)", "2 of    4",
		"case n < 0:: < -> <= (killed by TestPositive)"} {
		assert.Contains(t, out.String(), text)
	}
	require.NoError(t, run(t.Context(), []string{"-n", "0", "-min", "50", "-min-file", "50"}, &out, &out))
	require.Error(t, run(t.Context(), []string{"-files", "("}, &out, &out))
	require.Error(t, run(t.Context(), []string{"-match", "("}, &out, &out))

	out.Reset()
	require.NoError(t, run(t.Context(), []string{"-n", "0", "-match", `sum.go:3: .*\+ -> -$`}, &out, &out))
	assert.Contains(t, out.String(), "1 of    1")

	out.Reset()
	require.NoError(t, os.Mkdir("sub", 0o700))
	for _, name := range []string{"sum.go", "sum_test.go"} {
		require.NoError(t, os.Rename(name, filepath.Join("sub", name)))
	}
	require.NoError(t, os.Remove("sign_test.go"))
	require.NoError(t, os.Remove("sign.go"))
	require.NoError(t, run(t.Context(), []string{"-dir", "./sub", "-n", "0", "-min", "50", "-min-file", "50"}, &out, &out))
	assert.Contains(t, out.String(), "2 of    4")
}

func TestASmallSampleOfAFileIsNotJudged(t *testing.T) {
	t.Parallel()
	results := func(n int) (all []result) {
		for range n {
			all = append(all, result{mutant: mutant{file: "a.go"}, outcome: survived})
		}
		return all
	}
	limits := settings{eachFile: 88}
	require.NoError(t, newReport(results(9), map[string]int{"a.go": 100}).print(io.Discard, limits))
	require.Error(t, newReport(results(9), map[string]int{"a.go": 9}).print(io.Discard, limits))
	require.Error(t, newReport(results(25), map[string]int{"a.go": 100}).print(io.Discard, limits))
}
