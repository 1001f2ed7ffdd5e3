
declare void @gw.barrier(ptr, i32)
declare void @gw_gemm(i64, ptr, i64, ptr, i64, ptr, i64, i64, i1, i1)
declare void @gw_gemv(i64, ptr, i64, ptr, i64, ptr, i64, i64, i64, i64, i64, i1)
declare void @gw_gemv_bf16(i64, ptr, i64, ptr, i64, ptr, i64, i64, i64, i64, i64, i1)
declare void @gw_gemm_bf16(i64, ptr, i64, ptr, i64, ptr, i64, i64, i1, ptr)

define internal void @copy(ptr %to, ptr %from, i64 %n) nounwind {
entry:
  %v1 = sdiv i64 %n, 16
  br label %head2
head2:
  %v3 = phi i64 [ 0, %entry ], [ %v4, %body2 ]
  %v5 = icmp slt i64 %v3, %v1
  br i1 %v5, label %body2, label %done2
body2:
  %v6 = mul i64 %v3, 16
  %v7 = getelementptr inbounds float, ptr %from, i64 %v6
  %v8 = load <16 x float>, ptr %v7, align 4
  %v9 = getelementptr inbounds float, ptr %to, i64 %v6
  store <16 x float> %v8, ptr %v9, align 4
  %v4 = add nuw nsw i64 %v3, 1
  br label %head2
done2:
  %v10 = mul i64 %v1, 16
  %v11 = sub i64 %n, %v10
  br label %head12
head12:
  %v13 = phi i64 [ 0, %done2 ], [ %v14, %body12 ]
  %v15 = icmp slt i64 %v13, %v11
  br i1 %v15, label %body12, label %done12
body12:
  %v16 = add i64 %v10, %v13
  %v17 = getelementptr inbounds float, ptr %from, i64 %v16
  %v18 = load float, ptr %v17, align 4
  %v19 = getelementptr inbounds float, ptr %to, i64 %v16
  store float %v18, ptr %v19, align 4
  %v14 = add nuw nsw i64 %v13, 1
  br label %head12
done12:
  ret void
}

define void @kernel(ptr noalias readonly %args, i32 %thread, i32 %threads) nounwind {
entry:
  %v1 = getelementptr inbounds i64, ptr %args, i64 0
  %v2 = load ptr, ptr %v1, align 8
  %v3 = getelementptr inbounds i64, ptr %args, i64 1
  %v4 = load i64, ptr %v3, align 8
  %v5 = getelementptr inbounds i64, ptr %args, i64 2
  %v6 = load i64, ptr %v5, align 8
  %v7 = getelementptr inbounds i64, ptr %args, i64 3
  %v8 = load ptr, ptr %v7, align 8
  %v9 = getelementptr inbounds i64, ptr %args, i64 4
  %v10 = load i64, ptr %v9, align 8
  %v11 = getelementptr inbounds i64, ptr %args, i64 5
  %v12 = load ptr, ptr %v11, align 8
  %v13 = getelementptr inbounds i64, ptr %args, i64 6
  %v14 = load i64, ptr %v13, align 8
  %v15 = getelementptr inbounds i64, ptr %args, i64 7
  %v16 = load ptr, ptr %v15, align 8
  %v17 = getelementptr inbounds i64, ptr %args, i64 8
  %v18 = load i64, ptr %v17, align 8
  %v19 = getelementptr inbounds i64, ptr %args, i64 9
  %v20 = load i64, ptr %v19, align 8
  %v21 = getelementptr inbounds i64, ptr %args, i64 10
  %v22 = load ptr, ptr %v21, align 8
  %v23 = getelementptr inbounds i64, ptr %args, i64 11
  %v24 = load i64, ptr %v23, align 8
  %v25 = getelementptr inbounds i64, ptr %args, i64 12
  %v26 = load i64, ptr %v25, align 8
  %v27 = getelementptr inbounds i64, ptr %args, i64 13
  %v28 = load ptr, ptr %v27, align 8
  %v29 = getelementptr inbounds i64, ptr %args, i64 14
  %v30 = load i64, ptr %v29, align 8
  %v31 = getelementptr inbounds i64, ptr %args, i64 15
  %v32 = load ptr, ptr %v31, align 8
  %v33 = getelementptr inbounds i64, ptr %args, i64 16
  %v34 = load ptr, ptr %v33, align 8
  %v35 = getelementptr inbounds i64, ptr %args, i64 17
  %v36 = load ptr, ptr %v35, align 8
  %v37 = getelementptr inbounds i64, ptr %args, i64 18
  %v38 = load ptr, ptr %v37, align 8
  %v39 = getelementptr inbounds i64, ptr %args, i64 19
  %v40 = load i64, ptr %v39, align 8
  %v41 = getelementptr inbounds i64, ptr %args, i64 20
  %v42 = load i64, ptr %v41, align 8
  %v43 = getelementptr inbounds i64, ptr %args, i64 21
  %v44 = load i64, ptr %v43, align 8
  %v45 = getelementptr inbounds i64, ptr %args, i64 22
  %v46 = load ptr, ptr %v45, align 8
  %v47 = getelementptr inbounds i64, ptr %args, i64 23
  %v48 = load i64, ptr %v47, align 8
  %v49 = getelementptr inbounds i64, ptr %args, i64 24
  %v50 = load i64, ptr %v49, align 8
  %v51 = getelementptr inbounds i64, ptr %args, i64 25
  %v52 = load i64, ptr %v51, align 8
  %v53 = getelementptr inbounds i64, ptr %args, i64 26
  %v54 = load ptr, ptr %v53, align 8
  %v55 = getelementptr inbounds i64, ptr %args, i64 27
  %v56 = load i64, ptr %v55, align 8
  %v57 = getelementptr inbounds i64, ptr %args, i64 28
  %v58 = load ptr, ptr %v57, align 8
  %v59 = getelementptr inbounds i64, ptr %args, i64 29
  %v60 = load ptr, ptr %v59, align 8
  %v61 = getelementptr inbounds i64, ptr %args, i64 30
  %v62 = load ptr, ptr %v61, align 8
  %v63 = getelementptr inbounds i64, ptr %args, i64 31
  %v64 = load ptr, ptr %v63, align 8
  %v65 = getelementptr inbounds i64, ptr %args, i64 32
  %v66 = load ptr, ptr %v65, align 8
  %v67 = getelementptr inbounds i64, ptr %args, i64 33
  %v68 = load ptr, ptr %v67, align 8
  %v69 = getelementptr inbounds i64, ptr %args, i64 34
  %v70 = load ptr, ptr %v69, align 8
  %v71 = getelementptr inbounds i64, ptr %args, i64 35
  %v72 = load ptr, ptr %v71, align 8
  %v73 = getelementptr inbounds i64, ptr %args, i64 36
  %v74 = load ptr, ptr %v73, align 8
  %v75 = getelementptr inbounds i64, ptr %args, i64 37
  %v76 = load ptr, ptr %v75, align 8
  %v77 = getelementptr inbounds i64, ptr %args, i64 38
  %v78 = load ptr, ptr %v77, align 8
  %v79 = getelementptr inbounds i64, ptr %args, i64 39
  %v80 = load ptr, ptr %v79, align 8
  %v81 = sext i32 %thread to i64
  %v82 = sext i32 %threads to i64
  %v83 = icmp ne i64 %v56, 0
  %v84 = select i1 %v83, i64 %v81, i64 0
  %v85 = select i1 %v83, i64 %v82, i64 1
  %v86 = icmp eq i64 %v84, 0
  %v87 = icmp sgt i64 %v85, 1
  %v88 = select i1 %v83, i64 0, i64 %v81
  %v89 = mul i64 %v84, 0
  %v90 = udiv i64 %v89, %v85
  %v91 = add i64 %v84, 1
  %v92 = mul i64 %v91, 0
  %v93 = udiv i64 %v92, %v85
  %v94 = udiv i64 %v84, %v85
  %v95 = add i64 %v84, 1
  %v96 = udiv i64 %v95, %v85
  %v97 = mul i64 %v84, 2
  %v98 = udiv i64 %v97, %v85
  %v99 = add i64 %v84, 1
  %v100 = mul i64 %v99, 2
  %v101 = udiv i64 %v100, %v85
  %v102 = mul i64 %v88, %v40
  %v103 = getelementptr inbounds float, ptr %v38, i64 %v102
  %v104 = mul i64 %v81, %v40
  %v105 = getelementptr inbounds float, ptr %v38, i64 %v104
  %v106 = alloca i64, align 8
  %v107 = alloca i64, align 8
  %v108 = alloca i64, align 8
  %v109 = alloca i64, align 8
  %v110 = alloca i64, align 8
  store i64 0, ptr %v109, align 8
  br label %next
next:
  %v111 = load i64, ptr %v109, align 8
  %v112 = add i64 %v111, 1
  store i64 %v112, ptr %v109, align 8
  store i64 %v111, ptr %v110, align 8
  %v113 = xor i1 %v83, true
  br i1 %v113, label %then114, label %end114
then114:
  %v115 = atomicrmw add ptr %v32, i64 1 monotonic
  store i64 %v115, ptr %v110, align 8
  br label %end114
end114:
  %v116 = load i64, ptr %v110, align 8
  %more = icmp slt i64 %v116, %v30
  br i1 %more, label %work, label %finished
work:
  %v117 = mul i64 %v116, 5
  %v118 = getelementptr inbounds i64, ptr %v28, i64 %v117
  %v119 = getelementptr inbounds i64, ptr %v118, i64 0
  %v120 = load i64, ptr %v119, align 8
  %v121 = getelementptr inbounds i64, ptr %v118, i64 1
  %v122 = load i64, ptr %v121, align 8
  %v123 = getelementptr inbounds i64, ptr %v118, i64 2
  %v124 = load i64, ptr %v123, align 8
  %v125 = getelementptr inbounds i64, ptr %v118, i64 3
  %v126 = load i64, ptr %v125, align 8
  %v127 = getelementptr inbounds i64, ptr %v118, i64 4
  %v128 = load i64, ptr %v127, align 8
  %v129 = icmp ne i64 %v44, 0
  %v130 = icmp ne ptr %v36, null
  %v131 = icmp eq i64 %v122, 1
  br i1 %v86, label %then132, label %end132
then132:
  br label %head133
head133:
  %v134 = phi i64 [ 0, %then132 ], [ %v135, %body133 ]
  %v136 = icmp slt i64 %v134, %v122
  br i1 %v136, label %body133, label %done133
body133:
  %v137 = add i64 %v120, %v134
  %v138 = getelementptr inbounds i64, ptr %v34, i64 %v137
  %v139 = load i64, ptr %v138, align 8
  %v140 = mul i64 %v134, 272
  %v141 = getelementptr inbounds float, ptr %v103, i64 %v140
  %v142 = mul i64 %v139, %v10
  %v143 = getelementptr inbounds float, ptr %v8, i64 %v142
  %v144 = getelementptr inbounds float, ptr %v141, i64 96
  call void @copy(ptr %v144, ptr %v143, i64 20)
  %v135 = add nuw nsw i64 %v134, 1
  br label %head133
done133:
  br label %end132
end132:
  br i1 %v87, label %then145, label %end145
then145:
  call void @gw.barrier(ptr %v58, i32 %threads)
  br label %end145
end145:
  %v146 = add i64 %v124, %v126
  %v147 = select i1 %v129, i64 %v146, i64 %v124
  store i64 %v147, ptr %v108, align 8
  br label %head148
head148:
  %v149 = phi i64 [ 0, %end145 ], [ %v150, %end593 ]
  %v151 = icmp slt i64 %v149, %v128
  br i1 %v151, label %body148, label %done148
body148:
  %v152 = sub i64 %v128, %v149
  %v153 = sub i64 %v152, 1
  %v154 = select i1 %v129, i64 %v153, i64 %v149
  %v155 = urem i64 %v149, 32
  %v156 = icmp eq i64 %v155, 0
  %v157 = and i1 %v156, %v131
  br i1 %v157, label %then158, label %end158
then158:
  %v159 = sub i64 %v128, %v149
  %v160 = icmp sgt i64 %v159, 32
  %v161 = select i1 %v160, i64 32, i64 %v159
  %v162 = sub i64 %v154, %v161
  %v163 = add i64 %v162, 1
  %v164 = select i1 %v129, i64 %v163, i64 %v154
  store i64 %v164, ptr %v106, align 8
  %v165 = getelementptr inbounds i64, ptr %v34, i64 %v120
  %v166 = load i64, ptr %v165, align 8
  %v167 = udiv i64 %v161, 6
  %v168 = urem i64 %v161, 6
  br label %head169
head169:
  %v170 = phi i64 [ 0, %then158 ], [ %v171, %body169 ]
  %v172 = icmp slt i64 %v170, %v167
  br i1 %v172, label %body169, label %done169
body169:
  %v173 = mul i64 %v170, 6
  %v174 = mul i64 %v166, %v6
  %v175 = getelementptr inbounds float, ptr %v2, i64 %v174
  %v176 = mul i64 %v173, 64
  %v177 = getelementptr inbounds float, ptr %v103, i64 1632
  %v178 = getelementptr inbounds float, ptr %v177, i64 %v176
  %v179 = add i64 %v164, %v173
  %v180 = mul i64 %v179, %v4
  %v181 = getelementptr inbounds float, ptr %v175, i64 %v180
  %v182 = mul i64 %v94, 4
  %v183 = mul i64 %v96, 4
  %v184 = icmp slt i64 %v183, 4
  %v185 = select i1 %v184, i64 %v183, i64 4
  %v186 = sub i64 %v185, %v182
  %v187 = mul i64 %v182, 48
  %v188 = getelementptr inbounds float, ptr %v68, i64 %v187
  %v189 = mul i64 %v182, 16
  %v190 = getelementptr inbounds float, ptr %v178, i64 %v189
  call void @gw_gemm(i64 6, ptr %v190, i64 64, ptr %v181, i64 %v4, ptr %v188, i64 3, i64 %v186, i1 0, i1 false)
  %v171 = add nuw nsw i64 %v170, 1
  br label %head169
done169:
  %v191 = mul i64 %v167, 6
  %v192 = and i64 %v168, 4
  %v193 = icmp ne i64 %v192, 0
  br i1 %v193, label %then194, label %end194
then194:
  %v195 = mul i64 %v166, %v6
  %v196 = getelementptr inbounds float, ptr %v2, i64 %v195
  %v197 = mul i64 %v191, 64
  %v198 = getelementptr inbounds float, ptr %v103, i64 1632
  %v199 = getelementptr inbounds float, ptr %v198, i64 %v197
  %v200 = add i64 %v164, %v191
  %v201 = mul i64 %v200, %v4
  %v202 = getelementptr inbounds float, ptr %v196, i64 %v201
  %v203 = mul i64 %v94, 4
  %v204 = mul i64 %v96, 4
  %v205 = icmp slt i64 %v204, 4
  %v206 = select i1 %v205, i64 %v204, i64 4
  %v207 = sub i64 %v206, %v203
  %v208 = mul i64 %v203, 48
  %v209 = getelementptr inbounds float, ptr %v68, i64 %v208
  %v210 = mul i64 %v203, 16
  %v211 = getelementptr inbounds float, ptr %v199, i64 %v210
  call void @gw_gemm(i64 4, ptr %v211, i64 64, ptr %v202, i64 %v4, ptr %v209, i64 3, i64 %v207, i1 0, i1 false)
  br label %end194
end194:
  %v212 = add i64 %v191, %v192
  %v213 = and i64 %v168, 2
  %v214 = icmp ne i64 %v213, 0
  br i1 %v214, label %then215, label %end215
then215:
  %v216 = mul i64 %v166, %v6
  %v217 = getelementptr inbounds float, ptr %v2, i64 %v216
  %v218 = mul i64 %v212, 64
  %v219 = getelementptr inbounds float, ptr %v103, i64 1632
  %v220 = getelementptr inbounds float, ptr %v219, i64 %v218
  %v221 = add i64 %v164, %v212
  %v222 = mul i64 %v221, %v4
  %v223 = getelementptr inbounds float, ptr %v217, i64 %v222
  %v224 = mul i64 %v94, 4
  %v225 = mul i64 %v96, 4
  %v226 = icmp slt i64 %v225, 4
  %v227 = select i1 %v226, i64 %v225, i64 4
  %v228 = sub i64 %v227, %v224
  %v229 = mul i64 %v224, 48
  %v230 = getelementptr inbounds float, ptr %v68, i64 %v229
  %v231 = mul i64 %v224, 16
  %v232 = getelementptr inbounds float, ptr %v220, i64 %v231
  call void @gw_gemm(i64 2, ptr %v232, i64 64, ptr %v223, i64 %v4, ptr %v230, i64 3, i64 %v228, i1 0, i1 false)
  br label %end215
end215:
  %v233 = add i64 %v212, %v213
  %v234 = and i64 %v168, 1
  %v235 = icmp ne i64 %v234, 0
  br i1 %v235, label %then236, label %end236
then236:
  %v237 = mul i64 %v166, %v6
  %v238 = getelementptr inbounds float, ptr %v2, i64 %v237
  %v239 = mul i64 %v233, 64
  %v240 = getelementptr inbounds float, ptr %v103, i64 1632
  %v241 = getelementptr inbounds float, ptr %v240, i64 %v239
  %v242 = add i64 %v164, %v233
  %v243 = mul i64 %v242, %v4
  %v244 = getelementptr inbounds float, ptr %v238, i64 %v243
  %v245 = mul i64 %v94, 4
  %v246 = mul i64 %v96, 4
  %v247 = icmp slt i64 %v246, 4
  %v248 = select i1 %v247, i64 %v246, i64 4
  %v249 = sub i64 %v248, %v245
  %v250 = mul i64 %v245, 48
  %v251 = getelementptr inbounds float, ptr %v68, i64 %v250
  %v252 = mul i64 %v245, 16
  %v253 = getelementptr inbounds float, ptr %v241, i64 %v252
  call void @gw_gemm(i64 1, ptr %v253, i64 64, ptr %v244, i64 %v4, ptr %v251, i64 3, i64 %v249, i1 0, i1 false)
  br label %end236
end236:
  %v254 = add i64 %v233, %v234
  br label %head255
head255:
  %v256 = phi i64 [ 0, %end236 ], [ %v257, %body255 ]
  %v258 = icmp slt i64 %v256, %v167
  br i1 %v258, label %body255, label %done255
body255:
  %v259 = mul i64 %v256, 6
  %v260 = mul i64 %v166, %v6
  %v261 = getelementptr inbounds float, ptr %v2, i64 %v260
  %v262 = mul i64 %v259, 32
  %v263 = getelementptr inbounds float, ptr %v103, i64 3680
  %v264 = getelementptr inbounds float, ptr %v263, i64 %v262
  %v265 = add i64 %v164, %v259
  %v266 = mul i64 %v265, %v4
  %v267 = getelementptr inbounds float, ptr %v261, i64 %v266
  %v268 = mul i64 %v94, 4
  %v269 = mul i64 %v96, 4
  %v270 = icmp slt i64 %v269, 2
  %v271 = select i1 %v270, i64 %v269, i64 2
  %v272 = sub i64 %v271, %v268
  %v273 = mul i64 %v268, 48
  %v274 = getelementptr inbounds float, ptr %v72, i64 %v273
  %v275 = mul i64 %v268, 16
  %v276 = getelementptr inbounds float, ptr %v264, i64 %v275
  call void @gw_gemm(i64 6, ptr %v276, i64 32, ptr %v267, i64 %v4, ptr %v274, i64 3, i64 %v272, i1 0, i1 false)
  %v257 = add nuw nsw i64 %v256, 1
  br label %head255
done255:
  %v277 = mul i64 %v167, 6
  %v278 = and i64 %v168, 4
  %v279 = icmp ne i64 %v278, 0
  br i1 %v279, label %then280, label %end280
then280:
  %v281 = mul i64 %v166, %v6
  %v282 = getelementptr inbounds float, ptr %v2, i64 %v281
  %v283 = mul i64 %v277, 32
  %v284 = getelementptr inbounds float, ptr %v103, i64 3680
  %v285 = getelementptr inbounds float, ptr %v284, i64 %v283
  %v286 = add i64 %v164, %v277
  %v287 = mul i64 %v286, %v4
  %v288 = getelementptr inbounds float, ptr %v282, i64 %v287
  %v289 = mul i64 %v94, 4
  %v290 = mul i64 %v96, 4
  %v291 = icmp slt i64 %v290, 2
  %v292 = select i1 %v291, i64 %v290, i64 2
  %v293 = sub i64 %v292, %v289
  %v294 = mul i64 %v289, 48
  %v295 = getelementptr inbounds float, ptr %v72, i64 %v294
  %v296 = mul i64 %v289, 16
  %v297 = getelementptr inbounds float, ptr %v285, i64 %v296
  call void @gw_gemm(i64 4, ptr %v297, i64 32, ptr %v288, i64 %v4, ptr %v295, i64 3, i64 %v293, i1 0, i1 false)
  br label %end280
end280:
  %v298 = add i64 %v277, %v278
  %v299 = and i64 %v168, 2
  %v300 = icmp ne i64 %v299, 0
  br i1 %v300, label %then301, label %end301
then301:
  %v302 = mul i64 %v166, %v6
  %v303 = getelementptr inbounds float, ptr %v2, i64 %v302
  %v304 = mul i64 %v298, 32
  %v305 = getelementptr inbounds float, ptr %v103, i64 3680
  %v306 = getelementptr inbounds float, ptr %v305, i64 %v304
  %v307 = add i64 %v164, %v298
  %v308 = mul i64 %v307, %v4
  %v309 = getelementptr inbounds float, ptr %v303, i64 %v308
  %v310 = mul i64 %v94, 4
  %v311 = mul i64 %v96, 4
  %v312 = icmp slt i64 %v311, 2
  %v313 = select i1 %v312, i64 %v311, i64 2
  %v314 = sub i64 %v313, %v310
  %v315 = mul i64 %v310, 48
  %v316 = getelementptr inbounds float, ptr %v72, i64 %v315
  %v317 = mul i64 %v310, 16
  %v318 = getelementptr inbounds float, ptr %v306, i64 %v317
  call void @gw_gemm(i64 2, ptr %v318, i64 32, ptr %v309, i64 %v4, ptr %v316, i64 3, i64 %v314, i1 0, i1 false)
  br label %end301
end301:
  %v319 = add i64 %v298, %v299
  %v320 = and i64 %v168, 1
  %v321 = icmp ne i64 %v320, 0
  br i1 %v321, label %then322, label %end322
then322:
  %v323 = mul i64 %v166, %v6
  %v324 = getelementptr inbounds float, ptr %v2, i64 %v323
  %v325 = mul i64 %v319, 32
  %v326 = getelementptr inbounds float, ptr %v103, i64 3680
  %v327 = getelementptr inbounds float, ptr %v326, i64 %v325
  %v328 = add i64 %v164, %v319
  %v329 = mul i64 %v328, %v4
  %v330 = getelementptr inbounds float, ptr %v324, i64 %v329
  %v331 = mul i64 %v94, 4
  %v332 = mul i64 %v96, 4
  %v333 = icmp slt i64 %v332, 2
  %v334 = select i1 %v333, i64 %v332, i64 2
  %v335 = sub i64 %v334, %v331
  %v336 = mul i64 %v331, 48
  %v337 = getelementptr inbounds float, ptr %v72, i64 %v336
  %v338 = mul i64 %v331, 16
  %v339 = getelementptr inbounds float, ptr %v327, i64 %v338
  call void @gw_gemm(i64 1, ptr %v339, i64 32, ptr %v330, i64 %v4, ptr %v337, i64 3, i64 %v335, i1 0, i1 false)
  br label %end322
end322:
  %v340 = add i64 %v319, %v320
  br label %end158
end158:
  store i64 %v122, ptr %v107, align 8
  br i1 %v130, label %then341, label %end341
then341:
  store i64 0, ptr %v107, align 8
  br label %head342
head342:
  %v343 = phi i64 [ 0, %then341 ], [ %v344, %body342 ]
  %v345 = icmp slt i64 %v343, %v122
  br i1 %v345, label %body342, label %done342
body342:
  %v346 = add i64 %v120, %v343
  %v347 = getelementptr inbounds i64, ptr %v36, i64 %v346
  %v348 = load i64, ptr %v347, align 8
  %v349 = icmp sgt i64 %v348, %v154
  %v350 = load i64, ptr %v107, align 8
  %v351 = zext i1 %v349 to i64
  %v352 = add i64 %v350, %v351
  store i64 %v352, ptr %v107, align 8
  %v344 = add nuw nsw i64 %v343, 1
  br label %head342
done342:
  br label %end341
end341:
  %v353 = load i64, ptr %v107, align 8
  %v354 = load i64, ptr %v108, align 8
  %v355 = sub i64 %v354, %v353
  %v356 = select i1 %v129, i64 %v355, i64 %v354
  %v357 = add i64 %v354, %v353
  %v358 = select i1 %v129, i64 %v355, i64 %v357
  store i64 %v358, ptr %v108, align 8
  %v359 = add i64 %v154, %v52
  %v360 = icmp ne ptr %v46, null
  %v361 = icmp slt i64 %v359, %v26
  %v362 = and i1 %v360, %v361
  br i1 %v362, label %then363, label %end363
then363:
  store i64 %v122, ptr %v107, align 8
  br i1 %v130, label %then364, label %end364
then364:
  store i64 0, ptr %v107, align 8
  br label %head365
head365:
  %v366 = phi i64 [ 0, %then364 ], [ %v367, %body365 ]
  %v368 = icmp slt i64 %v366, %v122
  br i1 %v368, label %body365, label %done365
body365:
  %v369 = add i64 %v120, %v366
  %v370 = getelementptr inbounds i64, ptr %v36, i64 %v369
  %v371 = load i64, ptr %v370, align 8
  %v372 = icmp sgt i64 %v371, %v359
  %v373 = load i64, ptr %v107, align 8
  %v374 = zext i1 %v372 to i64
  %v375 = add i64 %v373, %v374
  store i64 %v375, ptr %v107, align 8
  %v367 = add nuw nsw i64 %v366, 1
  br label %head365
done365:
  br label %end364
end364:
  %v376 = load i64, ptr %v107, align 8
  br i1 %v87, label %then377, label %end377
then377:
  call void @gw.barrier(ptr %v58, i32 %threads)
  br label %end377
end377:
  br i1 %v86, label %then378, label %end378
then378:
  br label %head379
head379:
  %v380 = phi i64 [ 0, %then378 ], [ %v381, %end394 ]
  %v382 = icmp slt i64 %v380, %v376
  br i1 %v382, label %body379, label %done379
body379:
  %v383 = add i64 %v120, %v380
  %v384 = getelementptr inbounds i64, ptr %v34, i64 %v383
  %v385 = load i64, ptr %v384, align 8
  %v386 = mul i64 %v380, 272
  %v387 = getelementptr inbounds float, ptr %v103, i64 %v386
  %v388 = mul i64 %v359, %v48
  %v389 = mul i64 %v385, %v50
  %v390 = add i64 %v388, %v389
  %v391 = getelementptr inbounds i8, ptr %v46, i64 %v390
  %v392 = load i8, ptr %v391, align 1
  %v393 = icmp ne i8 %v392, 0
  br i1 %v393, label %then394, label %end394
then394:
  %v395 = mul i64 %v385, %v14
  %v396 = getelementptr inbounds float, ptr %v12, i64 %v395
  %v397 = getelementptr inbounds float, ptr %v387, i64 96
  call void @copy(ptr %v397, ptr %v396, i64 20)
  br label %end394
end394:
  %v381 = add nuw nsw i64 %v380, 1
  br label %head379
done379:
  br label %end378
end378:
  br i1 %v87, label %then398, label %end398
then398:
  call void @gw.barrier(ptr %v58, i32 %threads)
  br label %end398
end398:
  br label %end363
end363:
  br label %head399
head399:
  %v400 = phi i64 [ 0, %end363 ], [ %v401, %body399 ]
  %v402 = icmp slt i64 %v400, %v353
  br i1 %v402, label %body399, label %done399
body399:
  %v403 = add i64 %v120, %v400
  %v404 = getelementptr inbounds i64, ptr %v34, i64 %v403
  %v405 = load i64, ptr %v404, align 8
  %v406 = mul i64 %v400, 272
  %v407 = getelementptr inbounds float, ptr %v103, i64 %v406
  %v408 = mul i64 %v405, %v6
  %v409 = getelementptr inbounds float, ptr %v2, i64 %v408
  %v410 = mul i64 %v154, %v4
  %v411 = getelementptr inbounds float, ptr %v409, i64 %v410
  %v412 = getelementptr inbounds float, ptr %v407, i64 128
  call void @copy(ptr %v412, ptr %v411, i64 3)
  %v401 = add nuw nsw i64 %v400, 1
  br label %head399
done399:
  br label %head413
head413:
  %v414 = phi i64 [ 0, %done399 ], [ %v415, %done421 ]
  %v416 = icmp slt i64 %v414, %v353
  br i1 %v416, label %body413, label %done413
body413:
  %v417 = mul i64 %v414, 272
  %v418 = getelementptr inbounds float, ptr %v103, i64 %v417
  %v419 = add i64 %v356, %v414
  %v420 = sub i64 %v101, %v98
  br label %head421
head421:
  %v422 = phi i64 [ 0, %body413 ], [ %v423, %body421 ]
  %v424 = icmp slt i64 %v422, %v420
  br i1 %v424, label %body421, label %done421
body421:
  %v425 = add i64 %v98, %v422
  %v426 = mul i64 %v425, 16
  %v427 = getelementptr inbounds float, ptr %v418, i64 96
  %v428 = getelementptr inbounds float, ptr %v427, i64 %v426
  %v429 = load <16 x float>, ptr %v428, align 4
  %v430 = mul i64 %v419, 48
  %v431 = getelementptr inbounds float, ptr %v66, i64 %v430
  %v432 = getelementptr inbounds float, ptr %v431, i64 %v426
  store <16 x float> %v429, ptr %v432, align 4
  %v423 = add nuw nsw i64 %v422, 1
  br label %head421
done421:
  %v415 = add nuw nsw i64 %v414, 1
  br label %head413
done413:
  br i1 %v87, label %then433, label %end433
then433:
  call void @gw.barrier(ptr %v58, i32 %threads)
  br label %end433
end433:
  %v434 = getelementptr inbounds float, ptr %v103, i64 128
  br i1 %v131, label %then435, label %end435
then435:
  %v436 = load i64, ptr %v106, align 8
  %v437 = sub i64 %v154, %v436
  %v438 = mul i64 %v437, 64
  %v439 = getelementptr inbounds float, ptr %v103, i64 1632
  %v440 = getelementptr inbounds float, ptr %v439, i64 %v438
  %v441 = mul i64 %v94, 4
  %v442 = mul i64 %v96, 4
  %v443 = icmp slt i64 %v442, 4
  %v444 = select i1 %v443, i64 %v442, i64 4
  %v445 = sub i64 %v444, %v441
  %v446 = mul i64 %v441, 16
  %v447 = mul i64 %v445, 16
  %v448 = getelementptr inbounds float, ptr %v103, i64 %v446
  %v449 = getelementptr inbounds float, ptr %v440, i64 %v446
  call void @copy(ptr %v448, ptr %v449, i64 %v447)
  br label %end435
end435:
  %v450 = xor i1 %v131, true
  br i1 %v450, label %then451, label %end451
then451:
  %v452 = mul i64 %v94, 4
  %v453 = mul i64 %v96, 4
  %v454 = icmp slt i64 %v453, 4
  %v455 = select i1 %v454, i64 %v453, i64 4
  %v456 = sub i64 %v455, %v452
  %v457 = mul i64 %v452, 48
  %v458 = getelementptr inbounds float, ptr %v68, i64 %v457
  %v459 = mul i64 %v452, 16
  %v460 = getelementptr inbounds float, ptr %v103, i64 %v459
  call void @gw_gemm(i64 %v353, ptr %v460, i64 272, ptr %v434, i64 272, ptr %v458, i64 3, i64 %v456, i1 0, i1 false)
  br label %end451
end451:
  %v461 = getelementptr inbounds float, ptr %v103, i64 96
  %v462 = mul i64 %v94, 4
  %v463 = mul i64 %v96, 4
  %v464 = icmp slt i64 %v463, 4
  %v465 = select i1 %v464, i64 %v463, i64 4
  %v466 = sub i64 %v465, %v462
  %v467 = mul i64 %v462, 320
  %v468 = getelementptr inbounds float, ptr %v70, i64 %v467
  %v469 = mul i64 %v462, 16
  %v470 = getelementptr inbounds float, ptr %v103, i64 %v469
  call void @gw_gemm(i64 %v353, ptr %v470, i64 272, ptr %v461, i64 272, ptr %v468, i64 20, i64 %v466, i1 1, i1 false)
  br i1 %v87, label %then471, label %end471
then471:
  call void @gw.barrier(ptr %v58, i32 %threads)
  br label %end471
end471:
  br label %head472
head472:
  %v473 = phi i64 [ 0, %end471 ], [ %v474, %done480 ]
  %v475 = icmp slt i64 %v473, %v353
  br i1 %v475, label %body472, label %done472
body472:
  %v476 = mul i64 %v473, 272
  %v477 = getelementptr inbounds float, ptr %v103, i64 %v476
  %v478 = add i64 %v356, %v473
  %v479 = sub i64 %v101, %v98
  br label %head480
head480:
  %v481 = phi i64 [ 0, %body472 ], [ %v482, %body480 ]
  %v483 = icmp slt i64 %v481, %v479
  br i1 %v483, label %body480, label %done480
body480:
  %v484 = add i64 %v98, %v481
  %v485 = mul i64 %v484, 16
  %v486 = getelementptr inbounds float, ptr %v477, i64 %v485
  %v487 = load <16 x float>, ptr %v486, align 4
  %v488 = getelementptr inbounds float, ptr %v76, i64 %v485
  %v489 = load <16 x float>, ptr %v488, align 4
  %v490 = fadd contract <16 x float> %v487, %v489
  %v491 = call <16 x float> @gw.sigmoid.v16f32(<16 x float> %v490)
  %v492 = getelementptr inbounds float, ptr %v477, i64 32
  %v493 = getelementptr inbounds float, ptr %v492, i64 %v485
  %v494 = load <16 x float>, ptr %v493, align 4
  %v495 = getelementptr inbounds float, ptr %v78, i64 %v485
  %v496 = load <16 x float>, ptr %v495, align 4
  %v497 = fadd contract <16 x float> %v494, %v496
  %v498 = call <16 x float> @gw.sigmoid.v16f32(<16 x float> %v497)
  %v499 = getelementptr inbounds float, ptr %v477, i64 96
  %v500 = getelementptr inbounds float, ptr %v499, i64 %v485
  %v501 = load <16 x float>, ptr %v500, align 4
  %v502 = fmul contract <16 x float> %v498, %v501
  %v503 = fmul contract <16 x float> %v491, %v501
  %v504 = fsub contract <16 x float> splat (float 0x3FF0000000000000), %v491
  %v505 = mul i64 %v478, 48
  %v506 = getelementptr inbounds float, ptr %v60, i64 %v505
  %v507 = getelementptr inbounds float, ptr %v506, i64 %v485
  store <16 x float> %v491, ptr %v507, align 4
  %v508 = mul i64 %v478, 48
  %v509 = getelementptr inbounds float, ptr %v62, i64 %v508
  %v510 = getelementptr inbounds float, ptr %v509, i64 %v485
  store <16 x float> %v498, ptr %v510, align 4
  %v511 = getelementptr inbounds float, ptr %v477, i64 144
  %v512 = getelementptr inbounds float, ptr %v511, i64 %v485
  store <16 x float> %v502, ptr %v512, align 4
  %v513 = getelementptr inbounds float, ptr %v477, i64 176
  %v514 = getelementptr inbounds float, ptr %v513, i64 %v485
  store <16 x float> %v503, ptr %v514, align 4
  %v515 = getelementptr inbounds float, ptr %v477, i64 208
  %v516 = getelementptr inbounds float, ptr %v515, i64 %v485
  store <16 x float> %v504, ptr %v516, align 4
  %v482 = add nuw nsw i64 %v481, 1
  br label %head480
done480:
  %v474 = add nuw nsw i64 %v473, 1
  br label %head472
done472:
  br i1 %v87, label %then517, label %end517
then517:
  call void @gw.barrier(ptr %v58, i32 %threads)
  br label %end517
end517:
  %v518 = getelementptr inbounds float, ptr %v103, i64 64
  %v519 = getelementptr inbounds float, ptr %v103, i64 128
  br i1 %v131, label %then520, label %end520
then520:
  %v521 = load i64, ptr %v106, align 8
  %v522 = sub i64 %v154, %v521
  %v523 = mul i64 %v522, 32
  %v524 = getelementptr inbounds float, ptr %v103, i64 3680
  %v525 = getelementptr inbounds float, ptr %v524, i64 %v523
  %v526 = mul i64 %v94, 4
  %v527 = mul i64 %v96, 4
  %v528 = icmp slt i64 %v527, 2
  %v529 = select i1 %v528, i64 %v527, i64 2
  %v530 = sub i64 %v529, %v526
  %v531 = mul i64 %v526, 16
  %v532 = mul i64 %v530, 16
  %v533 = getelementptr inbounds float, ptr %v518, i64 %v531
  %v534 = getelementptr inbounds float, ptr %v525, i64 %v531
  call void @copy(ptr %v533, ptr %v534, i64 %v532)
  br label %end520
end520:
  %v535 = xor i1 %v131, true
  br i1 %v535, label %then536, label %end536
then536:
  %v537 = mul i64 %v94, 4
  %v538 = mul i64 %v96, 4
  %v539 = icmp slt i64 %v538, 2
  %v540 = select i1 %v539, i64 %v538, i64 2
  %v541 = sub i64 %v540, %v537
  %v542 = mul i64 %v537, 48
  %v543 = getelementptr inbounds float, ptr %v72, i64 %v542
  %v544 = mul i64 %v537, 16
  %v545 = getelementptr inbounds float, ptr %v518, i64 %v544
  call void @gw_gemm(i64 %v353, ptr %v545, i64 272, ptr %v519, i64 272, ptr %v543, i64 3, i64 %v541, i1 0, i1 false)
  br label %end536
end536:
  %v546 = getelementptr inbounds float, ptr %v103, i64 64
  %v547 = getelementptr inbounds float, ptr %v103, i64 144
  %v548 = mul i64 %v94, 4
  %v549 = mul i64 %v96, 4
  %v550 = icmp slt i64 %v549, 2
  %v551 = select i1 %v550, i64 %v549, i64 2
  %v552 = sub i64 %v551, %v548
  %v553 = mul i64 %v548, 320
  %v554 = getelementptr inbounds float, ptr %v74, i64 %v553
  %v555 = mul i64 %v548, 16
  %v556 = getelementptr inbounds float, ptr %v546, i64 %v555
  call void @gw_gemm(i64 %v353, ptr %v556, i64 272, ptr %v547, i64 272, ptr %v554, i64 20, i64 %v552, i1 1, i1 false)
  br i1 %v87, label %then557, label %end557
then557:
  call void @gw.barrier(ptr %v58, i32 %threads)
  br label %end557
end557:
  br label %head558
head558:
  %v559 = phi i64 [ 0, %end557 ], [ %v560, %done566 ]
  %v561 = icmp slt i64 %v559, %v353
  br i1 %v561, label %body558, label %done558
body558:
  %v562 = mul i64 %v559, 272
  %v563 = getelementptr inbounds float, ptr %v103, i64 %v562
  %v564 = add i64 %v356, %v559
  %v565 = sub i64 %v101, %v98
  br label %head566
head566:
  %v567 = phi i64 [ 0, %body558 ], [ %v568, %body566 ]
  %v569 = icmp slt i64 %v567, %v565
  br i1 %v569, label %body566, label %done566
body566:
  %v570 = add i64 %v98, %v567
  %v571 = mul i64 %v570, 16
  %v572 = getelementptr inbounds float, ptr %v563, i64 64
  %v573 = getelementptr inbounds float, ptr %v572, i64 %v571
  %v574 = load <16 x float>, ptr %v573, align 4
  %v575 = getelementptr inbounds float, ptr %v80, i64 %v571
  %v576 = load <16 x float>, ptr %v575, align 4
  %v577 = fadd contract <16 x float> %v574, %v576
  %v578 = call <16 x float> @gw.tanh.v16f32(<16 x float> %v577)
  %v579 = getelementptr inbounds float, ptr %v563, i64 208
  %v580 = getelementptr inbounds float, ptr %v579, i64 %v571
  %v581 = load <16 x float>, ptr %v580, align 4
  %v582 = fmul contract <16 x float> %v581, %v578
  %v583 = getelementptr inbounds float, ptr %v563, i64 176
  %v584 = getelementptr inbounds float, ptr %v583, i64 %v571
  %v585 = load <16 x float>, ptr %v584, align 4
  %v586 = fadd contract <16 x float> %v585, %v582
  %v587 = mul i64 %v564, 48
  %v588 = getelementptr inbounds float, ptr %v64, i64 %v587
  %v589 = getelementptr inbounds float, ptr %v588, i64 %v571
  store <16 x float> %v578, ptr %v589, align 4
  %v590 = getelementptr inbounds float, ptr %v563, i64 96
  %v591 = getelementptr inbounds float, ptr %v590, i64 %v571
  store <16 x float> %v586, ptr %v591, align 4
  %v568 = add nuw nsw i64 %v567, 1
  br label %head566
done566:
  %v560 = add nuw nsw i64 %v559, 1
  br label %head558
done558:
  br i1 %v87, label %then592, label %end592
then592:
  call void @gw.barrier(ptr %v58, i32 %threads)
  br label %end592
end592:
  br i1 %v86, label %then593, label %end593
then593:
  br label %head594
head594:
  %v595 = phi i64 [ 0, %then593 ], [ %v596, %body594 ]
  %v597 = icmp slt i64 %v595, %v353
  br i1 %v597, label %body594, label %done594
body594:
  %v598 = add i64 %v120, %v595
  %v599 = getelementptr inbounds i64, ptr %v34, i64 %v598
  %v600 = load i64, ptr %v599, align 8
  %v601 = mul i64 %v595, 272
  %v602 = getelementptr inbounds float, ptr %v103, i64 %v601
  %v603 = mul i64 %v600, %v20
  %v604 = getelementptr inbounds float, ptr %v16, i64 %v603
  %v605 = mul i64 %v154, %v18
  %v606 = getelementptr inbounds float, ptr %v604, i64 %v605
  %v607 = getelementptr inbounds float, ptr %v602, i64 96
  call void @copy(ptr %v606, ptr %v607, i64 20)
  %v596 = add nuw nsw i64 %v595, 1
  br label %head594
done594:
  br label %end593
end593:
  %v150 = add nuw nsw i64 %v149, 1
  br label %head148
done148:
  br i1 %v86, label %then608, label %end608
then608:
  br label %head609
head609:
  %v610 = phi i64 [ 0, %then608 ], [ %v611, %body609 ]
  %v612 = icmp slt i64 %v610, %v122
  br i1 %v612, label %body609, label %done609
body609:
  %v613 = add i64 %v120, %v610
  %v614 = getelementptr inbounds i64, ptr %v34, i64 %v613
  %v615 = load i64, ptr %v614, align 8
  %v616 = mul i64 %v610, 272
  %v617 = getelementptr inbounds float, ptr %v103, i64 %v616
  %v618 = mul i64 %v615, %v24
  %v619 = getelementptr inbounds float, ptr %v22, i64 %v618
  %v620 = getelementptr inbounds float, ptr %v617, i64 96
  call void @copy(ptr %v619, ptr %v620, i64 20)
  %v611 = add nuw nsw i64 %v610, 1
  br label %head609
done609:
  br label %end608
end608:
  br label %next
finished:
  ret void
}

define internal <16 x float> @gw.sigmoid.v16f32(<16 x float> %x) alwaysinline nounwind memory(none) {
  %v0 = fcmp ogt <16 x float> splat (float 0xC05601E680000000), %x
  %v1 = select <16 x i1> %v0, <16 x float> splat (float 0xC05601E680000000), <16 x float> %x
  %v2 = fcmp olt <16 x float> splat (float 0x403419ECC0000000), %v1
  %v3 = select <16 x i1> %v2, <16 x float> splat (float 0x403419ECC0000000), <16 x float> %v1
  %v4 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> %v3, <16 x float> splat (float 0x3FF7154760000000), <16 x float> splat (float 0x4168000FE0000000))
  %v5 = fsub <16 x float> %v4, splat (float 0x4168000FE0000000)
  %v6 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> %v5, <16 x float> splat (float 0xBFE6300000000000), <16 x float> %v3)
  %v7 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> %v5, <16 x float> splat (float 0x3F2BD01060000000), <16 x float> %v6)
  %v8 = fmul <16 x float> %v7, %v7
  %v9 = fmul <16 x float> %v7, %v8
  %v10 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> splat (float 0x3F80C813A0000000), <16 x float> %v8, <16 x float> splat (float 0xBFB554FEE0000000))
  %v11 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> %v9, <16 x float> %v10, <16 x float> %v7)
  %v12 = bitcast <16 x float> %v4 to <16 x i32>
  %v13 = shl <16 x i32> %v12, splat (i32 23)
  %v14 = bitcast <16 x i32> %v13 to <16 x float>
  %v15 = fadd <16 x float> %v11, splat (float 0x4000000000000000)
  %v16 = fmul <16 x float> %v14, %v15
  %v17 = fsub <16 x float> splat (float 0x4000000000000000), %v11
  %v18 = fadd <16 x float> %v16, %v17
  %v19 = fdiv <16 x float> %v16, %v18
  ret <16 x float> %v19
}

define internal <16 x float> @gw.tanh.v16f32(<16 x float> %x) alwaysinline nounwind memory(none) {
  %v0 = fcmp ogt <16 x float> splat (float 0xC02419ECC0000000), %x
  %v1 = select <16 x i1> %v0, <16 x float> splat (float 0xC02419ECC0000000), <16 x float> %x
  %v2 = fcmp olt <16 x float> splat (float 0x402419ECC0000000), %v1
  %v3 = select <16 x i1> %v2, <16 x float> splat (float 0x402419ECC0000000), <16 x float> %v1
  %v4 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> %v3, <16 x float> splat (float 0x4007154760000000), <16 x float> splat (float 0x4168000FE0000000))
  %v5 = fsub <16 x float> %v4, splat (float 0x4168000FE0000000)
  %v6 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> %v5, <16 x float> splat (float 0xBFD62E4300000000), <16 x float> %v3)
  %v7 = fmul <16 x float> %v6, %v6
  %v8 = fmul <16 x float> %v6, %v7
  %v9 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> splat (float 0x3FC0C813A0000000), <16 x float> %v7, <16 x float> splat (float 0xBFD554FEE0000000))
  %v10 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> %v8, <16 x float> %v9, <16 x float> %v6)
  %v11 = bitcast <16 x float> %v4 to <16 x i32>
  %v12 = shl <16 x i32> %v11, splat (i32 23)
  %v13 = bitcast <16 x i32> %v12 to <16 x float>
  %v14 = fadd <16 x float> %v13, splat (float 0x3FF0000000000000)
  %v15 = fsub <16 x float> %v13, splat (float 0x3FF0000000000000)
  %v16 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> %v14, <16 x float> %v10, <16 x float> %v15)
  %v17 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> %v15, <16 x float> %v10, <16 x float> %v14)
  %v18 = fdiv <16 x float> %v16, %v17
  ret <16 x float> %v18
}

