
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
  %v20 = load ptr, ptr %v19, align 8
  %v21 = getelementptr inbounds i64, ptr %args, i64 10
  %v22 = load i64, ptr %v21, align 8
  %v23 = getelementptr inbounds i64, ptr %args, i64 11
  %v24 = load ptr, ptr %v23, align 8
  %v25 = getelementptr inbounds i64, ptr %args, i64 12
  %v26 = load i64, ptr %v25, align 8
  %v27 = getelementptr inbounds i64, ptr %args, i64 13
  %v28 = load i64, ptr %v27, align 8
  %v29 = getelementptr inbounds i64, ptr %args, i64 14
  %v30 = load ptr, ptr %v29, align 8
  %v31 = getelementptr inbounds i64, ptr %args, i64 15
  %v32 = load i64, ptr %v31, align 8
  %v33 = getelementptr inbounds i64, ptr %args, i64 16
  %v34 = load ptr, ptr %v33, align 8
  %v35 = getelementptr inbounds i64, ptr %args, i64 17
  %v36 = load i64, ptr %v35, align 8
  %v37 = getelementptr inbounds i64, ptr %args, i64 18
  %v38 = load i64, ptr %v37, align 8
  %v39 = getelementptr inbounds i64, ptr %args, i64 19
  %v40 = load ptr, ptr %v39, align 8
  %v41 = getelementptr inbounds i64, ptr %args, i64 20
  %v42 = load i64, ptr %v41, align 8
  %v43 = getelementptr inbounds i64, ptr %args, i64 21
  %v44 = load ptr, ptr %v43, align 8
  %v45 = getelementptr inbounds i64, ptr %args, i64 22
  %v46 = load ptr, ptr %v45, align 8
  %v47 = getelementptr inbounds i64, ptr %args, i64 23
  %v48 = load ptr, ptr %v47, align 8
  %v49 = getelementptr inbounds i64, ptr %args, i64 24
  %v50 = load ptr, ptr %v49, align 8
  %v51 = getelementptr inbounds i64, ptr %args, i64 25
  %v52 = load i64, ptr %v51, align 8
  %v53 = getelementptr inbounds i64, ptr %args, i64 26
  %v54 = load i64, ptr %v53, align 8
  %v55 = getelementptr inbounds i64, ptr %args, i64 27
  %v56 = load i64, ptr %v55, align 8
  %v57 = getelementptr inbounds i64, ptr %args, i64 28
  %v58 = load ptr, ptr %v57, align 8
  %v59 = getelementptr inbounds i64, ptr %args, i64 29
  %v60 = load i64, ptr %v59, align 8
  %v61 = getelementptr inbounds i64, ptr %args, i64 30
  %v62 = load i64, ptr %v61, align 8
  %v63 = getelementptr inbounds i64, ptr %args, i64 31
  %v64 = load i64, ptr %v63, align 8
  %v65 = getelementptr inbounds i64, ptr %args, i64 32
  %v66 = load ptr, ptr %v65, align 8
  %v67 = getelementptr inbounds i64, ptr %args, i64 33
  %v68 = load i64, ptr %v67, align 8
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
  %v81 = getelementptr inbounds i64, ptr %args, i64 40
  %v82 = load ptr, ptr %v81, align 8
  %v83 = sext i32 %thread to i64
  %v84 = sext i32 %threads to i64
  %v85 = icmp ne i64 %v68, 0
  %v86 = select i1 %v85, i64 %v83, i64 0
  %v87 = select i1 %v85, i64 %v84, i64 1
  %v88 = icmp eq i64 %v86, 0
  %v89 = icmp sgt i64 %v87, 1
  %v90 = select i1 %v85, i64 0, i64 %v83
  %v91 = mul i64 %v86, 0
  %v92 = udiv i64 %v91, %v87
  %v93 = add i64 %v86, 1
  %v94 = mul i64 %v93, 0
  %v95 = udiv i64 %v94, %v87
  %v96 = mul i64 %v86, 2
  %v97 = udiv i64 %v96, %v87
  %v98 = add i64 %v86, 1
  %v99 = mul i64 %v98, 2
  %v100 = udiv i64 %v99, %v87
  %v101 = mul i64 %v90, %v52
  %v102 = getelementptr inbounds float, ptr %v50, i64 %v101
  %v103 = mul i64 %v83, %v52
  %v104 = getelementptr inbounds float, ptr %v50, i64 %v103
  %v105 = alloca i64, align 8
  %v106 = alloca i64, align 8
  %v107 = alloca i64, align 8
  %v108 = alloca i64, align 8
  %v109 = alloca i64, align 8
  store i64 0, ptr %v108, align 8
  br label %next
next:
  %v110 = load i64, ptr %v108, align 8
  %v111 = add i64 %v110, 1
  store i64 %v111, ptr %v108, align 8
  store i64 %v110, ptr %v109, align 8
  %v112 = xor i1 %v85, true
  br i1 %v112, label %then113, label %end113
then113:
  %v114 = atomicrmw add ptr %v44, i64 1 monotonic
  store i64 %v114, ptr %v109, align 8
  br label %end113
end113:
  %v115 = load i64, ptr %v109, align 8
  %more = icmp slt i64 %v115, %v42
  br i1 %more, label %work, label %finished
work:
  %v116 = mul i64 %v115, 5
  %v117 = getelementptr inbounds i64, ptr %v40, i64 %v116
  %v118 = getelementptr inbounds i64, ptr %v117, i64 0
  %v119 = load i64, ptr %v118, align 8
  %v120 = getelementptr inbounds i64, ptr %v117, i64 1
  %v121 = load i64, ptr %v120, align 8
  %v122 = getelementptr inbounds i64, ptr %v117, i64 2
  %v123 = load i64, ptr %v122, align 8
  %v124 = getelementptr inbounds i64, ptr %v117, i64 3
  %v125 = load i64, ptr %v124, align 8
  %v126 = getelementptr inbounds i64, ptr %v117, i64 4
  %v127 = load i64, ptr %v126, align 8
  %v128 = icmp ne i64 %v56, 0
  %v129 = icmp ne ptr %v48, null
  %v130 = icmp eq i64 %v121, 1
  br i1 %v88, label %then131, label %end131
then131:
  br label %head132
head132:
  %v133 = phi i64 [ 0, %then131 ], [ %v134, %body132 ]
  %v135 = icmp slt i64 %v133, %v121
  br i1 %v135, label %body132, label %done132
body132:
  %v136 = add i64 %v119, %v133
  %v137 = getelementptr inbounds i64, ptr %v46, i64 %v136
  %v138 = load i64, ptr %v137, align 8
  %v139 = mul i64 %v133, 240
  %v140 = getelementptr inbounds float, ptr %v102, i64 %v139
  %v141 = mul i64 %v138, %v10
  %v142 = getelementptr inbounds float, ptr %v8, i64 %v141
  %v143 = getelementptr inbounds float, ptr %v140, i64 128
  call void @copy(ptr %v143, ptr %v142, i64 20)
  %v144 = mul i64 %v138, %v14
  %v145 = getelementptr inbounds float, ptr %v12, i64 %v144
  %v146 = getelementptr inbounds float, ptr %v140, i64 160
  call void @copy(ptr %v146, ptr %v145, i64 20)
  %v134 = add nuw nsw i64 %v133, 1
  br label %head132
done132:
  br label %end131
end131:
  br i1 %v89, label %then147, label %end147
then147:
  call void @gw.barrier(ptr %v70, i32 %threads)
  br label %end147
end147:
  %v148 = add i64 %v123, %v125
  %v149 = select i1 %v128, i64 %v148, i64 %v123
  store i64 %v149, ptr %v107, align 8
  br label %head150
head150:
  %v151 = phi i64 [ 0, %end147 ], [ %v152, %end424 ]
  %v153 = icmp slt i64 %v151, %v127
  br i1 %v153, label %body150, label %done150
body150:
  %v154 = sub i64 %v127, %v151
  %v155 = sub i64 %v154, 1
  %v156 = select i1 %v128, i64 %v155, i64 %v151
  %v157 = urem i64 %v151, 32
  %v158 = icmp eq i64 %v157, 0
  %v159 = and i1 %v158, %v130
  br i1 %v159, label %then160, label %end160
then160:
  %v161 = sub i64 %v127, %v151
  %v162 = icmp sgt i64 %v161, 32
  %v163 = select i1 %v162, i64 32, i64 %v161
  %v164 = sub i64 %v156, %v163
  %v165 = add i64 %v164, 1
  %v166 = select i1 %v128, i64 %v165, i64 %v156
  store i64 %v166, ptr %v105, align 8
  %v167 = getelementptr inbounds i64, ptr %v46, i64 %v119
  %v168 = load i64, ptr %v167, align 8
  %v169 = udiv i64 %v163, 6
  %v170 = urem i64 %v163, 6
  br label %head171
head171:
  %v172 = phi i64 [ 0, %then160 ], [ %v173, %body171 ]
  %v174 = icmp slt i64 %v172, %v169
  br i1 %v174, label %body171, label %done171
body171:
  %v175 = mul i64 %v172, 6
  %v176 = mul i64 %v168, %v6
  %v177 = getelementptr inbounds float, ptr %v2, i64 %v176
  %v178 = mul i64 %v175, 128
  %v179 = getelementptr inbounds float, ptr %v102, i64 1440
  %v180 = getelementptr inbounds float, ptr %v179, i64 %v178
  %v181 = add i64 %v166, %v175
  %v182 = mul i64 %v181, %v4
  %v183 = getelementptr inbounds float, ptr %v177, i64 %v182
  %v184 = mul i64 %v97, 4
  %v185 = mul i64 %v100, 4
  %v186 = icmp slt i64 %v185, 8
  %v187 = select i1 %v186, i64 %v185, i64 8
  %v188 = sub i64 %v187, %v184
  %v189 = mul i64 %v184, 48
  %v190 = getelementptr inbounds float, ptr %v72, i64 %v189
  %v191 = mul i64 %v184, 16
  %v192 = getelementptr inbounds float, ptr %v180, i64 %v191
  call void @gw_gemm(i64 6, ptr %v192, i64 128, ptr %v183, i64 %v4, ptr %v190, i64 3, i64 %v188, i1 0, i1 false)
  %v173 = add nuw nsw i64 %v172, 1
  br label %head171
done171:
  %v193 = mul i64 %v169, 6
  %v194 = and i64 %v170, 4
  %v195 = icmp ne i64 %v194, 0
  br i1 %v195, label %then196, label %end196
then196:
  %v197 = mul i64 %v168, %v6
  %v198 = getelementptr inbounds float, ptr %v2, i64 %v197
  %v199 = mul i64 %v193, 128
  %v200 = getelementptr inbounds float, ptr %v102, i64 1440
  %v201 = getelementptr inbounds float, ptr %v200, i64 %v199
  %v202 = add i64 %v166, %v193
  %v203 = mul i64 %v202, %v4
  %v204 = getelementptr inbounds float, ptr %v198, i64 %v203
  %v205 = mul i64 %v97, 4
  %v206 = mul i64 %v100, 4
  %v207 = icmp slt i64 %v206, 8
  %v208 = select i1 %v207, i64 %v206, i64 8
  %v209 = sub i64 %v208, %v205
  %v210 = mul i64 %v205, 48
  %v211 = getelementptr inbounds float, ptr %v72, i64 %v210
  %v212 = mul i64 %v205, 16
  %v213 = getelementptr inbounds float, ptr %v201, i64 %v212
  call void @gw_gemm(i64 4, ptr %v213, i64 128, ptr %v204, i64 %v4, ptr %v211, i64 3, i64 %v209, i1 0, i1 false)
  br label %end196
end196:
  %v214 = add i64 %v193, %v194
  %v215 = and i64 %v170, 2
  %v216 = icmp ne i64 %v215, 0
  br i1 %v216, label %then217, label %end217
then217:
  %v218 = mul i64 %v168, %v6
  %v219 = getelementptr inbounds float, ptr %v2, i64 %v218
  %v220 = mul i64 %v214, 128
  %v221 = getelementptr inbounds float, ptr %v102, i64 1440
  %v222 = getelementptr inbounds float, ptr %v221, i64 %v220
  %v223 = add i64 %v166, %v214
  %v224 = mul i64 %v223, %v4
  %v225 = getelementptr inbounds float, ptr %v219, i64 %v224
  %v226 = mul i64 %v97, 4
  %v227 = mul i64 %v100, 4
  %v228 = icmp slt i64 %v227, 8
  %v229 = select i1 %v228, i64 %v227, i64 8
  %v230 = sub i64 %v229, %v226
  %v231 = mul i64 %v226, 48
  %v232 = getelementptr inbounds float, ptr %v72, i64 %v231
  %v233 = mul i64 %v226, 16
  %v234 = getelementptr inbounds float, ptr %v222, i64 %v233
  call void @gw_gemm(i64 2, ptr %v234, i64 128, ptr %v225, i64 %v4, ptr %v232, i64 3, i64 %v230, i1 0, i1 false)
  br label %end217
end217:
  %v235 = add i64 %v214, %v215
  %v236 = and i64 %v170, 1
  %v237 = icmp ne i64 %v236, 0
  br i1 %v237, label %then238, label %end238
then238:
  %v239 = mul i64 %v168, %v6
  %v240 = getelementptr inbounds float, ptr %v2, i64 %v239
  %v241 = mul i64 %v235, 128
  %v242 = getelementptr inbounds float, ptr %v102, i64 1440
  %v243 = getelementptr inbounds float, ptr %v242, i64 %v241
  %v244 = add i64 %v166, %v235
  %v245 = mul i64 %v244, %v4
  %v246 = getelementptr inbounds float, ptr %v240, i64 %v245
  %v247 = mul i64 %v97, 4
  %v248 = mul i64 %v100, 4
  %v249 = icmp slt i64 %v248, 8
  %v250 = select i1 %v249, i64 %v248, i64 8
  %v251 = sub i64 %v250, %v247
  %v252 = mul i64 %v247, 48
  %v253 = getelementptr inbounds float, ptr %v72, i64 %v252
  %v254 = mul i64 %v247, 16
  %v255 = getelementptr inbounds float, ptr %v243, i64 %v254
  call void @gw_gemm(i64 1, ptr %v255, i64 128, ptr %v246, i64 %v4, ptr %v253, i64 3, i64 %v251, i1 0, i1 false)
  br label %end238
end238:
  %v256 = add i64 %v235, %v236
  br label %end160
end160:
  store i64 %v121, ptr %v106, align 8
  br i1 %v129, label %then257, label %end257
then257:
  store i64 0, ptr %v106, align 8
  br label %head258
head258:
  %v259 = phi i64 [ 0, %then257 ], [ %v260, %body258 ]
  %v261 = icmp slt i64 %v259, %v121
  br i1 %v261, label %body258, label %done258
body258:
  %v262 = add i64 %v119, %v259
  %v263 = getelementptr inbounds i64, ptr %v48, i64 %v262
  %v264 = load i64, ptr %v263, align 8
  %v265 = icmp sgt i64 %v264, %v156
  %v266 = load i64, ptr %v106, align 8
  %v267 = zext i1 %v265 to i64
  %v268 = add i64 %v266, %v267
  store i64 %v268, ptr %v106, align 8
  %v260 = add nuw nsw i64 %v259, 1
  br label %head258
done258:
  br label %end257
end257:
  %v269 = load i64, ptr %v106, align 8
  %v270 = load i64, ptr %v107, align 8
  %v271 = sub i64 %v270, %v269
  %v272 = select i1 %v128, i64 %v271, i64 %v270
  %v273 = add i64 %v270, %v269
  %v274 = select i1 %v128, i64 %v271, i64 %v273
  store i64 %v274, ptr %v107, align 8
  %v275 = add i64 %v156, %v64
  %v276 = icmp ne ptr %v58, null
  %v277 = icmp slt i64 %v275, %v38
  %v278 = and i1 %v276, %v277
  br i1 %v278, label %then279, label %end279
then279:
  store i64 %v121, ptr %v106, align 8
  br i1 %v129, label %then280, label %end280
then280:
  store i64 0, ptr %v106, align 8
  br label %head281
head281:
  %v282 = phi i64 [ 0, %then280 ], [ %v283, %body281 ]
  %v284 = icmp slt i64 %v282, %v121
  br i1 %v284, label %body281, label %done281
body281:
  %v285 = add i64 %v119, %v282
  %v286 = getelementptr inbounds i64, ptr %v48, i64 %v285
  %v287 = load i64, ptr %v286, align 8
  %v288 = icmp sgt i64 %v287, %v275
  %v289 = load i64, ptr %v106, align 8
  %v290 = zext i1 %v288 to i64
  %v291 = add i64 %v289, %v290
  store i64 %v291, ptr %v106, align 8
  %v283 = add nuw nsw i64 %v282, 1
  br label %head281
done281:
  br label %end280
end280:
  %v292 = load i64, ptr %v106, align 8
  br i1 %v89, label %then293, label %end293
then293:
  call void @gw.barrier(ptr %v70, i32 %threads)
  br label %end293
end293:
  br i1 %v88, label %then294, label %end294
then294:
  br label %head295
head295:
  %v296 = phi i64 [ 0, %then294 ], [ %v297, %end310 ]
  %v298 = icmp slt i64 %v296, %v292
  br i1 %v298, label %body295, label %done295
body295:
  %v299 = add i64 %v119, %v296
  %v300 = getelementptr inbounds i64, ptr %v46, i64 %v299
  %v301 = load i64, ptr %v300, align 8
  %v302 = mul i64 %v296, 240
  %v303 = getelementptr inbounds float, ptr %v102, i64 %v302
  %v304 = mul i64 %v275, %v60
  %v305 = mul i64 %v301, %v62
  %v306 = add i64 %v304, %v305
  %v307 = getelementptr inbounds i8, ptr %v58, i64 %v306
  %v308 = load i8, ptr %v307, align 1
  %v309 = icmp ne i8 %v308, 0
  br i1 %v309, label %then310, label %end310
then310:
  %v311 = mul i64 %v301, %v18
  %v312 = getelementptr inbounds float, ptr %v16, i64 %v311
  %v313 = getelementptr inbounds float, ptr %v303, i64 128
  call void @copy(ptr %v313, ptr %v312, i64 20)
  %v314 = mul i64 %v301, %v22
  %v315 = getelementptr inbounds float, ptr %v20, i64 %v314
  %v316 = getelementptr inbounds float, ptr %v303, i64 160
  call void @copy(ptr %v316, ptr %v315, i64 20)
  br label %end310
end310:
  %v297 = add nuw nsw i64 %v296, 1
  br label %head295
done295:
  br label %end294
end294:
  br i1 %v89, label %then317, label %end317
then317:
  call void @gw.barrier(ptr %v70, i32 %threads)
  br label %end317
end317:
  br label %end279
end279:
  br label %head318
head318:
  %v319 = phi i64 [ 0, %end279 ], [ %v320, %body318 ]
  %v321 = icmp slt i64 %v319, %v269
  br i1 %v321, label %body318, label %done318
body318:
  %v322 = add i64 %v119, %v319
  %v323 = getelementptr inbounds i64, ptr %v46, i64 %v322
  %v324 = load i64, ptr %v323, align 8
  %v325 = mul i64 %v319, 240
  %v326 = getelementptr inbounds float, ptr %v102, i64 %v325
  %v327 = mul i64 %v324, %v6
  %v328 = getelementptr inbounds float, ptr %v2, i64 %v327
  %v329 = mul i64 %v156, %v4
  %v330 = getelementptr inbounds float, ptr %v328, i64 %v329
  %v331 = getelementptr inbounds float, ptr %v326, i64 192
  call void @copy(ptr %v331, ptr %v330, i64 3)
  %v320 = add nuw nsw i64 %v319, 1
  br label %head318
done318:
  %v332 = getelementptr inbounds float, ptr %v102, i64 192
  br i1 %v130, label %then333, label %end333
then333:
  %v334 = load i64, ptr %v105, align 8
  %v335 = sub i64 %v156, %v334
  %v336 = mul i64 %v335, 128
  %v337 = getelementptr inbounds float, ptr %v102, i64 1440
  %v338 = getelementptr inbounds float, ptr %v337, i64 %v336
  %v339 = mul i64 %v97, 4
  %v340 = mul i64 %v100, 4
  %v341 = icmp slt i64 %v340, 8
  %v342 = select i1 %v341, i64 %v340, i64 8
  %v343 = sub i64 %v342, %v339
  %v344 = mul i64 %v339, 16
  %v345 = mul i64 %v343, 16
  %v346 = getelementptr inbounds float, ptr %v102, i64 %v344
  %v347 = getelementptr inbounds float, ptr %v338, i64 %v344
  call void @copy(ptr %v346, ptr %v347, i64 %v345)
  br label %end333
end333:
  %v348 = xor i1 %v130, true
  br i1 %v348, label %then349, label %end349
then349:
  %v350 = mul i64 %v97, 4
  %v351 = mul i64 %v100, 4
  %v352 = icmp slt i64 %v351, 8
  %v353 = select i1 %v352, i64 %v351, i64 8
  %v354 = sub i64 %v353, %v350
  %v355 = mul i64 %v350, 48
  %v356 = getelementptr inbounds float, ptr %v72, i64 %v355
  %v357 = mul i64 %v350, 16
  %v358 = getelementptr inbounds float, ptr %v102, i64 %v357
  call void @gw_gemm(i64 %v269, ptr %v358, i64 240, ptr %v332, i64 240, ptr %v356, i64 3, i64 %v354, i1 0, i1 false)
  br label %end349
end349:
  %v359 = getelementptr inbounds float, ptr %v102, i64 128
  %v360 = mul i64 %v97, 4
  %v361 = mul i64 %v100, 4
  %v362 = icmp slt i64 %v361, 8
  %v363 = select i1 %v362, i64 %v361, i64 8
  %v364 = sub i64 %v363, %v360
  %v365 = mul i64 %v360, 320
  %v366 = getelementptr inbounds float, ptr %v74, i64 %v365
  %v367 = mul i64 %v360, 16
  %v368 = getelementptr inbounds float, ptr %v102, i64 %v367
  call void @gw_gemm(i64 %v269, ptr %v368, i64 240, ptr %v359, i64 240, ptr %v366, i64 20, i64 %v364, i1 1, i1 false)
  br i1 %v89, label %then369, label %end369
then369:
  call void @gw.barrier(ptr %v70, i32 %threads)
  br label %end369
end369:
  br label %head370
head370:
  %v371 = phi i64 [ 0, %end369 ], [ %v372, %done378 ]
  %v373 = icmp slt i64 %v371, %v269
  br i1 %v373, label %body370, label %done370
body370:
  %v374 = mul i64 %v371, 240
  %v375 = getelementptr inbounds float, ptr %v102, i64 %v374
  %v376 = add i64 %v272, %v371
  %v377 = sub i64 %v100, %v97
  br label %head378
head378:
  %v379 = phi i64 [ 0, %body370 ], [ %v380, %body378 ]
  %v381 = icmp slt i64 %v379, %v377
  br i1 %v381, label %body378, label %done378
body378:
  %v382 = add i64 %v97, %v379
  %v383 = mul i64 %v382, 16
  %v384 = getelementptr inbounds float, ptr %v375, i64 %v383
  %v385 = load <16 x float>, ptr %v384, align 4
  %v386 = getelementptr inbounds float, ptr %v76, i64 %v383
  %v387 = load <16 x float>, ptr %v386, align 4
  %v388 = fadd contract <16 x float> %v385, %v387
  %v389 = call <16 x float> @gw.sigmoid.v16f32(<16 x float> %v388)
  %v390 = getelementptr inbounds float, ptr %v375, i64 32
  %v391 = getelementptr inbounds float, ptr %v390, i64 %v383
  %v392 = load <16 x float>, ptr %v391, align 4
  %v393 = getelementptr inbounds float, ptr %v78, i64 %v383
  %v394 = load <16 x float>, ptr %v393, align 4
  %v395 = fadd contract <16 x float> %v392, %v394
  %v396 = call <16 x float> @gw.sigmoid.v16f32(<16 x float> %v395)
  %v397 = getelementptr inbounds float, ptr %v375, i64 64
  %v398 = getelementptr inbounds float, ptr %v397, i64 %v383
  %v399 = load <16 x float>, ptr %v398, align 4
  %v400 = getelementptr inbounds float, ptr %v80, i64 %v383
  %v401 = load <16 x float>, ptr %v400, align 4
  %v402 = fadd contract <16 x float> %v399, %v401
  %v403 = call <16 x float> @gw.tanh.v16f32(<16 x float> %v402)
  %v404 = getelementptr inbounds float, ptr %v375, i64 96
  %v405 = getelementptr inbounds float, ptr %v404, i64 %v383
  %v406 = load <16 x float>, ptr %v405, align 4
  %v407 = getelementptr inbounds float, ptr %v82, i64 %v383
  %v408 = load <16 x float>, ptr %v407, align 4
  %v409 = fadd contract <16 x float> %v406, %v408
  %v410 = call <16 x float> @gw.sigmoid.v16f32(<16 x float> %v409)
  %v411 = getelementptr inbounds float, ptr %v375, i64 160
  %v412 = getelementptr inbounds float, ptr %v411, i64 %v383
  %v413 = load <16 x float>, ptr %v412, align 4
  %v414 = fmul contract <16 x float> %v396, %v413
  %v415 = fmul contract <16 x float> %v389, %v403
  %v416 = fadd contract <16 x float> %v414, %v415
  %v417 = call <16 x float> @gw.tanh.v16f32(<16 x float> %v416)
  %v418 = fmul contract <16 x float> %v410, %v417
  %v419 = getelementptr inbounds float, ptr %v375, i64 128
  %v420 = getelementptr inbounds float, ptr %v419, i64 %v383
  store <16 x float> %v418, ptr %v420, align 4
  %v421 = getelementptr inbounds float, ptr %v375, i64 160
  %v422 = getelementptr inbounds float, ptr %v421, i64 %v383
  store <16 x float> %v416, ptr %v422, align 4
  %v380 = add nuw nsw i64 %v379, 1
  br label %head378
done378:
  %v372 = add nuw nsw i64 %v371, 1
  br label %head370
done370:
  br i1 %v89, label %then423, label %end423
then423:
  call void @gw.barrier(ptr %v70, i32 %threads)
  br label %end423
end423:
  br i1 %v88, label %then424, label %end424
then424:
  br label %head425
head425:
  %v426 = phi i64 [ 0, %then424 ], [ %v427, %body425 ]
  %v428 = icmp slt i64 %v426, %v269
  br i1 %v428, label %body425, label %done425
body425:
  %v429 = add i64 %v119, %v426
  %v430 = getelementptr inbounds i64, ptr %v46, i64 %v429
  %v431 = load i64, ptr %v430, align 8
  %v432 = mul i64 %v426, 240
  %v433 = getelementptr inbounds float, ptr %v102, i64 %v432
  %v434 = mul i64 %v431, %v28
  %v435 = getelementptr inbounds float, ptr %v24, i64 %v434
  %v436 = mul i64 %v156, %v26
  %v437 = getelementptr inbounds float, ptr %v435, i64 %v436
  %v438 = getelementptr inbounds float, ptr %v433, i64 128
  call void @copy(ptr %v437, ptr %v438, i64 20)
  %v427 = add nuw nsw i64 %v426, 1
  br label %head425
done425:
  br label %end424
end424:
  %v152 = add nuw nsw i64 %v151, 1
  br label %head150
done150:
  br i1 %v88, label %then439, label %end439
then439:
  br label %head440
head440:
  %v441 = phi i64 [ 0, %then439 ], [ %v442, %body440 ]
  %v443 = icmp slt i64 %v441, %v121
  br i1 %v443, label %body440, label %done440
body440:
  %v444 = add i64 %v119, %v441
  %v445 = getelementptr inbounds i64, ptr %v46, i64 %v444
  %v446 = load i64, ptr %v445, align 8
  %v447 = mul i64 %v441, 240
  %v448 = getelementptr inbounds float, ptr %v102, i64 %v447
  %v449 = mul i64 %v446, %v32
  %v450 = getelementptr inbounds float, ptr %v30, i64 %v449
  %v451 = getelementptr inbounds float, ptr %v448, i64 128
  call void @copy(ptr %v450, ptr %v451, i64 20)
  %v452 = mul i64 %v446, %v36
  %v453 = getelementptr inbounds float, ptr %v34, i64 %v452
  %v454 = getelementptr inbounds float, ptr %v448, i64 160
  call void @copy(ptr %v453, ptr %v454, i64 20)
  %v442 = add nuw nsw i64 %v441, 1
  br label %head440
done440:
  br label %end439
end439:
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

