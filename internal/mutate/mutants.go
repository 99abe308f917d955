package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// mutant is one change of a source file.
type mutant struct {
	file       string
	line       int
	text       string // the line, without the spaces around it
	start, end int    // the bytes that are replaced
	old        string
	new        string
	source     []byte // the file before the change
}

// change describes a mutant without its line number, so that the description outlives changes elsewhere in the file.
func (m mutant) change() string {
	return fmt.Sprintf("%s: %s -> %s", m.text, oneLine(m.old), oneLine(m.new))
}

func (m mutant) String() string { return fmt.Sprintf("%s:%d: %s", m.file, m.line, m.change()) }

// apply returns the file with the change.
func (m mutant) apply() []byte {
	return slices.Concat(m.source[:m.start], []byte(m.new), m.source[m.end:])
}

func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 60 {
		s = s[:60] + "…"
	}
	return s
}

// findMutants returns the mutants of all files of the package in dir, in the order of the source.
func findMutants(dir string) ([]mutant, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	var all []mutant
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		source, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		found, err := mutantsOf(filepath.Base(name), source)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// selectMutants returns the mutants that the flags name.
func selectMutants(mutants []mutant, s settings) []mutant {
	return slices.DeleteFunc(slices.Clone(mutants), func(m mutant) bool {
		return !s.files.MatchString(m.file) || !s.match.MatchString(m.String())
	})
}

// mutantsOf returns the mutants of one file.
func mutantsOf(name string, source []byte) ([]mutant, error) {
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, name, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	f := finder{file: fset.File(parsed.Pos()), name: name, source: source, lines: strings.Split(string(source), "\n")}
	for _, decl := range parsed.Decls {
		if gen, ok := decl.(*ast.GenDecl); ok && gen.Tok != token.CONST && gen.Tok != token.VAR {
			continue // imports and types
		}
		ast.Inspect(decl, f.visit)
	}
	slices.SortStableFunc(f.found, func(a, b mutant) int { return a.start - b.start })
	return f.found, nil
}

// finder collects the mutants of a file.
type finder struct {
	file   *token.File
	name   string
	source []byte
	lines  []string
	found  []mutant
}

func (f *finder) add(from, to token.Pos, replacement string) {
	start, end := f.file.Offset(from), f.file.Offset(to)
	line := f.file.Line(from)
	f.found = append(f.found, mutant{file: f.name, line: line, text: strings.TrimSpace(f.lines[line-1]), start: start, end: end,
		old: string(f.source[start:end]), new: replacement, source: f.source})
}

// visit adds the mutants of one node.
func (f *finder) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.StructType:
		return false // the tags of fields are tested by other means
	case *ast.BinaryExpr:
		for _, op := range replacements(n.Op) {
			f.add(n.OpPos, n.OpPos+token.Pos(len(n.Op.String())), op.String())
		}
	case *ast.ValueSpec:
		f.addLimits(n)
	case *ast.IfStmt:
		f.add(n.Cond.Pos(), n.Cond.End(), "!("+string(f.text(n.Cond))+")")
	case *ast.UnaryExpr:
		if n.Op == token.NOT || n.Op == token.SUB {
			f.add(n.OpPos, n.OpPos+1, "")
		}
	case *ast.BasicLit:
		if number, err := strconv.Atoi(n.Value); err == nil && n.Kind == token.INT {
			f.add(n.Pos(), n.End(), strconv.Itoa(number+1))
		}
	case *ast.Ident:
		switch n.Name {
		case "true":
			f.add(n.Pos(), n.End(), "false")
		case "false":
			f.add(n.Pos(), n.End(), "true")
		}
	case *ast.ReturnStmt:
		f.addReturn(n)
	case *ast.IncDecStmt:
		other := map[token.Token]string{token.INC: "--", token.DEC: "++"}
		f.add(n.TokPos, n.TokPos+2, other[n.Tok])
	case *ast.ExprStmt, *ast.DeferStmt:
		f.add(n.Pos(), n.End(), "{}")
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			f.add(n.Pos(), n.End(), "{}")
		}
	case *ast.BranchStmt:
		switch {
		case n.Label != nil:
		case n.Tok == token.BREAK:
			f.add(n.Pos(), n.End(), "continue")
		case n.Tok == token.CONTINUE:
			f.add(n.Pos(), n.End(), "break")
		}
	}
	return true
}

// addLimits doubles and halves a constant that is computed from numbers, such as 30 * time.Second or 16 << 20.
func (f *finder) addLimits(n *ast.ValueSpec) {
	for _, value := range n.Values {
		if computed, ok := value.(*ast.BinaryExpr); ok && (computed.Op == token.MUL || computed.Op == token.SHL) {
			f.add(value.Pos(), value.End(), "2*("+string(f.text(value))+")")
			f.add(value.Pos(), value.End(), "("+string(f.text(value))+")/2")
		}
	}
}

// addReturn replaces a returned err by nil.
func (f *finder) addReturn(n *ast.ReturnStmt) {
	if len(n.Results) == 0 {
		return
	}
	last := n.Results[len(n.Results)-1]
	if id, ok := last.(*ast.Ident); ok && id.Name == "err" {
		f.add(last.Pos(), last.End(), "nil")
	}
}

func (f *finder) text(n ast.Node) []byte {
	return f.source[f.file.Offset(n.Pos()):f.file.Offset(n.End())]
}

// replacements returns the operators that an operator is replaced by.
func replacements(op token.Token) []token.Token {
	switch op {
	case token.EQL:
		return []token.Token{token.NEQ}
	case token.NEQ:
		return []token.Token{token.EQL}
	case token.LSS:
		return []token.Token{token.LEQ, token.GEQ}
	case token.LEQ:
		return []token.Token{token.LSS, token.GTR}
	case token.GTR:
		return []token.Token{token.GEQ, token.LEQ}
	case token.GEQ:
		return []token.Token{token.GTR, token.LSS}
	case token.LAND:
		return []token.Token{token.LOR}
	case token.LOR:
		return []token.Token{token.LAND}
	case token.ADD:
		return []token.Token{token.SUB}
	case token.SUB:
		return []token.Token{token.ADD}
	case token.MUL:
		return []token.Token{token.QUO}
	case token.QUO, token.REM:
		return []token.Token{token.MUL}
	default:
		return nil
	}
}

// countByFile returns how many mutants each file has.
func countByFile(mutants []mutant) map[string]int {
	counts := make(map[string]int)
	for _, m := range mutants {
		counts[m.file]++
	}
	return counts
}

// sampleOf selects mutants at random, or all of them. The same seed selects the same mutants of the same source.
func sampleOf(mutants []mutant, s settings) []mutant {
	if s.sample == 0 || s.sample >= len(mutants) {
		return mutants
	}
	mutants = slices.Clone(mutants)
	rng := rand.New(rand.NewPCG(s.seed, 0)) //nolint:gosec // a sample, not a secret
	rng.Shuffle(len(mutants), func(i, j int) { mutants[i], mutants[j] = mutants[j], mutants[i] })
	return mutants[:s.sample]
}
