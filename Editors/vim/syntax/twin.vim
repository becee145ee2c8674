" Twin, the language of Twinbook.
if exists("b:current_syntax") | finish | endif

syntax keyword twinControl fn if else for in while break continue return try catch
syntax keyword twinOperatorWord and or not
syntax keyword twinConstant true false none
syntax match twinNumber /\<\(0x[0-9a-fA-F_]\+\|0b[01_]\+\|0o[0-7_]\+\|\d[0-9_]*\(\.\d[0-9_]*\)\=\([eE][+-]\=\d\+\)\=\)/
syntax match twinFunction /\<\K\k*\ze(/
syntax match twinOperator /->\|>>\||>\|\.\.<\|\.\.\.\|[-+*\/%@^<>=!]=\=/
syntax match twinCommand /^\s*%%\=\a\+!\=/
syntax match twinEscape /\\\(u{\x\+}\|.\)/ contained
syntax region twinInterpolation matchgroup=twinEscape start=/{/ end=/}/ contained oneline contains=TOP
syntax region twinString start=/"/ skip=/\\./ end=/"/ oneline contains=twinEscape,twinInterpolation
syntax region twinString start=/"""/ skip=/\\./ end=/"""/ contains=twinEscape,twinInterpolation
syntax match twinComment /#.*$/
syntax match twinResult /^#[><].*$/
syntax match twinMarker /^#\s*%%.*$/

highlight default link twinControl Keyword
highlight default link twinOperatorWord Operator
highlight default link twinConstant Boolean
highlight default link twinNumber Number
highlight default link twinFunction Function
highlight default link twinOperator Operator
highlight default link twinCommand PreProc
highlight default link twinEscape SpecialChar
highlight default link twinString String
highlight default link twinComment Comment
highlight default link twinResult SpecialComment
highlight default link twinMarker Title

let b:current_syntax = "twin"
