autocmd BufNewFile,BufRead *.twin setfiletype twin
