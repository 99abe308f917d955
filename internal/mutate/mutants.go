package main

import (
	"bytes"
	"context"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// mutant is one change of a source file.
type mutant struct {
	id         int // from 1
	file       string
	line       int
	executed   int    // a line that is executed if the mutant is
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

// found are the mutants of a package.
type found struct {
	mutants  []mutant
	wrappers []wrapper
	sources  map[string][]byte // by file name
	check    *checker
}

// findMutants returns the mutants of all files of the package in dir, in the order of the source.
func findMutants(ctx context.Context, dir string) (*found, error) {
	all := &found{sources: make(map[string][]byte)}
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		if all.sources[filepath.Base(name)], err = os.ReadFile(name); err != nil {
			return nil, err
		}
	}
	if all.check, err = newChecker(ctx, dir); err != nil {
		return nil, err
	}
	fset, files, info, errs := all.check.check(all.sources)
	if len(errs) > 0 {
		return nil, errs[0]
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f := newFinder(fset, name, files[name], all.sources[name], info, len(all.mutants))
		all.mutants = append(all.mutants, f.mutants()...)
		all.wrappers = append(all.wrappers, f.wrappers...)
	}
	return all, nil
}

// selectMutants returns the mutants that the flags name.
func selectMutants(mutants []mutant, s settings) []mutant {
	return slices.DeleteFunc(slices.Clone(mutants), func(m mutant) bool {
		return !s.files.MatchString(m.file) || !s.match.MatchString(m.String())
	})
}

// finder collects the mutants of a file.
type finder struct {
	file     *token.File
	name     string
	parsed   *ast.File
	source   []byte
	lines    []string
	info     *types.Info // nil if the types are not known
	before   int         // the number of mutants of the files before
	found    []mutant
	wrappers []wrapper
	listed   map[ast.Stmt]bool // statements in the list of a block or a clause
	cases    []caseCondition
}

func newFinder(fset *token.FileSet, name string, parsed *ast.File, source []byte, info *types.Info, before int) *finder {
	return &finder{file: fset.File(parsed.Pos()), name: name, parsed: parsed, source: source, lines: strings.Split(string(source), "\n"),
		info: info, before: before, listed: make(map[ast.Stmt]bool)}
}

// mutants returns the mutants of the file in the order of the source.
func (f *finder) mutants() []mutant {
	for _, decl := range f.parsed.Decls {
		if gen, ok := decl.(*ast.GenDecl); ok && gen.Tok != token.CONST && gen.Tok != token.VAR {
			continue // imports and types
		}
		ast.Inspect(decl, f.visit)
	}
	slices.SortStableFunc(f.found, func(a, b mutant) int { return a.start - b.start })
	return f.found
}

func (f *finder) add(from, to token.Pos, replacement string) {
	start, end := f.file.Offset(from), f.file.Offset(to)
	line := f.file.Line(from)
	f.found = append(f.found, mutant{id: f.before + len(f.found) + 1, file: f.name, line: line, executed: f.executedLine(from, line), text: strings.TrimSpace(f.lines[line-1]), start: start, end: end,
		old: string(f.source[start:end]), new: replacement, source: f.source})
}

// visit adds the mutants of one node.
func (f *finder) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.StructType:
		return false // the tags of fields are tested by other means
	case *ast.BlockStmt:
		f.list(n.List)
	case *ast.SwitchStmt:
		f.addCases(n)
	case *ast.CaseClause:
		f.list(n.Body)
	case *ast.CommClause:
		f.list(n.Body)
	case *ast.BinaryExpr:
		f.addBinary(n)
	case *ast.ValueSpec:
		f.addLimits(n)
	case *ast.IfStmt:
		f.add(n.Cond.Pos(), n.Cond.End(), "!("+string(f.text(n.Cond))+")")
		f.wrapCall(n.Cond, "mutantNot")
	case *ast.UnaryExpr:
		f.addUnary(n)
	case *ast.BasicLit:
		if number, err := strconv.Atoi(n.Value); err == nil && n.Kind == token.INT {
			f.add(n.Pos(), n.End(), strconv.Itoa(number+1))
			f.wrapNumber(n, "mutantNext")
		}
	case *ast.Ident:
		if n.Name == "true" || n.Name == "false" {
			f.add(n.Pos(), n.End(), strconv.FormatBool(n.Name == "false"))
			f.wrapCall(n, "mutantNot")
		}
	case *ast.ReturnStmt:
		f.addReturn(n)
	case *ast.IncDecStmt:
		other := map[token.Token]string{token.INC: "--", token.DEC: "++"}
		f.add(n.TokPos, n.TokPos+2, other[n.Tok])
		f.wrapStatement(n, "if mutantIs(ID) { "+string(f.text(n.X))+other[n.Tok]+" } else { ", " }")
	case *ast.ExprStmt, *ast.DeferStmt:
		f.addRemoval(n.(ast.Stmt))
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			f.addRemoval(n)
		}
	case *ast.BranchStmt:
		f.addBranch(n)
	}
	return true
}

// caseCondition is the condition of a case. A coverage profile has the statements after it, but not the condition itself, which
// is computed in other tests too: the profile has it as a part of the line with the switch.
type caseCondition struct {
	from, to token.Pos
	line     int // of the switch
}

func (f *finder) addCases(n *ast.SwitchStmt) {
	for _, clause := range n.Body.List {
		for _, condition := range clause.(*ast.CaseClause).List {
			f.cases = append(f.cases, caseCondition{condition.Pos(), condition.End(), f.file.Line(n.Pos())})
		}
	}
}

// executedLine returns the line by which a coverage profile shows whether the code at a position was executed.
func (f *finder) executedLine(at token.Pos, line int) int {
	for _, c := range slices.Backward(f.cases) { // the innermost switch was added last
		if c.from <= at && at < c.to {
			return c.line
		}
	}
	return line
}

func (f *finder) list(statements []ast.Stmt) {
	for _, s := range statements {
		f.listed[s] = true
	}
}

// addBinary replaces an operator.
func (f *finder) addBinary(n *ast.BinaryExpr) {
	if f.isText(n.X) && n.Op == token.ADD {
		return
	}
	others := replacements(n.Op)
	for _, op := range others {
		f.add(n.OpPos, n.OpPos+token.Pos(len(n.Op.String())), op.String())
	}
	switch {
	case n.Op == token.EQL, n.Op == token.NEQ:
		f.wrapCall(n, "mutantNot")
	case n.Op == token.LAND:
		f.wrapLogical(n, "mutantAnd")
	case n.Op == token.LOR:
		f.wrapLogical(n, "mutantOr")
	case len(others) > 0:
		f.wrapOperator(n, len(others))
	}
}

func (f *finder) addUnary(n *ast.UnaryExpr) {
	if n.Op != token.NOT && n.Op != token.SUB {
		return
	}
	f.add(n.OpPos, n.OpPos+1, "")
	if n.Op == token.NOT {
		f.wrapCall(n, "mutantNot")
		return
	}
	f.wrapNumber(n, "mutantOpposite")
}

// addRemoval removes a statement.
func (f *finder) addRemoval(n ast.Stmt) {
	f.add(n.Pos(), n.End(), "{}")
	if !bytes.HasPrefix(f.text(n), []byte("panic(")) { // the compiler might miss a return
		f.wrapStatement(n, "if !mutantIs(ID) { ", " }")
	}
}

// addBranch replaces break by continue, and the reverse.
func (f *finder) addBranch(n *ast.BranchStmt) {
	other := map[token.Token]string{token.BREAK: "continue", token.CONTINUE: "break"}[n.Tok]
	if n.Label == nil && other != "" {
		f.add(n.Pos(), n.End(), other)
		f.wrapStatement(n, "if mutantIs(ID) { "+other+" }; ", "")
	}
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
		f.wrapCall(last, "mutantErr")
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
