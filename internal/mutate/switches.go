package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// wrapper is a place of a file at which one or two mutants are selected while the tests run. To compile and to link the tests
// takes longer than most of them, therefore one binary has all the mutants that can be written in this way.
type wrapper struct {
	file  string
	line  int
	first int // the ID of the first mutant
	count int
	edits []edit
}

// edit inserts a text before or after a node, or in place of a token.
type edit struct {
	at   int
	skip int // bytes of the file that the text replaces
	end  bool
	text string
}

// operatorFunctions are the functions of the runtime for operators whose two operands are always computed.
var operatorFunctions = map[token.Token]string{
	token.LSS: "mutantLess", token.LEQ: "mutantAtMost", token.GTR: "mutantMore", token.GEQ: "mutantAtLeast",
	token.ADD: "mutantAdd", token.SUB: "mutantSub", token.MUL: "mutantMul", token.QUO: "mutantDiv", token.REM: "mutantRem",
}

// wrap adds a wrapper for the mutants that were found last.
func (f *finder) wrap(count int, edits ...edit) {
	first := f.found[len(f.found)-count]
	f.wrappers = append(f.wrappers, wrapper{file: f.name, line: first.line, first: first.id, count: count, edits: edits})
}

func (f *finder) insertBefore(n ast.Node, text string) edit {
	return edit{at: f.file.Offset(n.Pos()), text: text}
}

func (f *finder) insertAfter(n ast.Node, text string) edit {
	return edit{at: f.file.Offset(n.End()), end: true, text: text}
}

// replace replaces an operator.
func (f *finder) replace(n *ast.BinaryExpr, text string) edit {
	return edit{at: f.file.Offset(n.OpPos), skip: len(n.Op.String()), text: text}
}

// id returns the ID of the first of the mutants that were found last.
func (f *finder) id(count int) int { return f.found[len(f.found)-count].id }

// wrapCall passes an expression to a function.
func (f *finder) wrapCall(n ast.Expr, function string) {
	f.wrap(1, f.insertBefore(n, fmt.Sprintf("%s(%d, ", function, f.id(1))), f.insertAfter(n, ")"))
}

// wrapNumber passes a number, which may be a constant without a type, to a generic function.
func (f *finder) wrapNumber(n ast.Expr, function string) {
	if f.info == nil {
		return
	}
	t, ok := f.info.Types[n]
	basic, isBasic := t.Type.(*types.Basic)
	if !ok || isBasic && basic.Info()&types.IsUntyped != 0 {
		return
	}
	name := types.TypeString(t.Type, func(p *types.Package) string {
		if p.Path() == checkedPackage {
			return ""
		}
		return p.Name()
	})
	f.wrap(1, f.insertBefore(n, fmt.Sprintf("%s[%s](%d, ", function, name, f.id(1))), f.insertAfter(n, ")"))
}

// wrapOperator replaces an operator by a function.
func (f *finder) wrapOperator(n *ast.BinaryExpr, count int) {
	f.wrap(count, f.insertBefore(n, fmt.Sprintf("%s(%d, ", operatorFunctions[n.Op], f.id(count))), f.replace(n, ","), f.insertAfter(n, ")"))
}

// wrapLogical replaces an operator that computes its second operand only if it has to.
func (f *finder) wrapLogical(n *ast.BinaryExpr, function string) {
	f.wrap(1, f.insertBefore(n, fmt.Sprintf("%s(%d, ", function, f.id(1))), f.replace(n, ", func() bool { return ("), f.insertAfter(n, ")})"))
}

// wrapStatement inserts texts around a statement of a block. The first has ID in place of the number of the mutant.
func (f *finder) wrapStatement(n ast.Stmt, before, after string) {
	if f.listed[n] {
		f.wrap(1, f.insertBefore(n, strings.Replace(before, "ID", strconv.Itoa(f.id(1)), 1)), f.insertAfter(n, after))
	}
}

// isText reports whether an expression is a string.
func (f *finder) isText(n ast.Expr) bool {
	if f.info == nil {
		return false
	}
	basic, ok := f.info.Types[n].Type.Underlying().(*types.Basic)
	return ok && basic.Info()&types.IsString != 0
}

// render returns a file with its wrappers.
func render(source []byte, wrappers []wrapper) []byte {
	before, after, instead := make(map[int]string), make(map[int]string), make(map[int]edit)
	for _, w := range wrappers { // a node comes after the nodes that contain it
		for _, e := range w.edits {
			switch {
			case e.end:
				after[e.at] = e.text + after[e.at]
			case e.skip > 0:
				instead[e.at] = e
			default:
				before[e.at] += e.text
			}
		}
	}
	var out []byte
	for i := 0; i <= len(source); i++ {
		out = append(append(out, after[i]...), before[i]...)
		if e, ok := instead[i]; ok {
			out = append(out, e.text...)
			i += e.skip - 1
		} else if i < len(source) {
			out = append(out, source[i])
		}
	}
	return out
}

// renderAll returns the files of the package with those wrappers that the compiler accepts, and these wrappers.
func (all *found) renderAll() (map[string][]byte, []wrapper, error) {
	wrappers := slices.Clone(all.wrappers)
	for range 20 {
		files := map[string][]byte{runtimeFile: []byte(strings.Replace(runtime, "PACKAGE", all.check.name, 1))}
		for name, source := range all.sources {
			files[name] = render(source, slices.DeleteFunc(slices.Clone(wrappers), func(w wrapper) bool { return w.file != name }))
		}
		_, _, _, errs := all.check.check(files)
		if len(errs) == 0 {
			return files, wrappers, nil
		}
		for _, err := range errs {
			wrappers = withoutLine(wrappers, err.Fset.Position(err.Pos))
		}
	}
	return nil, nil, fmt.Errorf("the mutants do not compile together")
}

// withoutLine removes the wrappers of the line with an error, or those of the last line before it that has some.
func withoutLine(wrappers []wrapper, at token.Position) []wrapper {
	line := 0
	for _, w := range wrappers {
		if w.file == at.Filename && w.line <= at.Line {
			line = max(line, w.line)
		}
	}
	return slices.DeleteFunc(wrappers, func(w wrapper) bool { return w.file == at.Filename && w.line == line })
}
